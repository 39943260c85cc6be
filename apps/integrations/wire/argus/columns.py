"""Under which names, Russian and English, the columns of Argus tables are known."""

from __future__ import annotations

import re
from dataclasses import dataclass

PERSON = ("personnel_number", "external_id", "full_name")
"""Any of these says whose row it is."""

_PEOPLE = {
    "personnel_number": "personnel_number personnel_no tab_number tab_no employee_number employee_no"
    " agent_number табельный_номер таб_номер табельный_№ таб_№ табельный таб_n табельный_номер_сотрудника",
    "external_id": "external_id employee_id agent_id worker_id id внешний_id внешний_идентификатор"
    " идентификатор ид id_сотрудника",
    "full_name": "full_name fio employee employee_name name_full фио сотрудник работник оператор"
    " фио_сотрудника полное_имя",
}
EMPLOYEES = _PEOPLE | {
    "last_name": "last_name surname family_name фамилия",
    "first_name": "first_name name given_name имя",
    "middle_name": "middle_name second_name patronymic отчество",
    "department": "department department_name unit отдел подразделение группа_сотрудников",
    "position": "position job_title position_name должность",
    "site": "site office площадка офис",
    "time_zone": "time_zone timezone zone часовой_пояс",
    "hired_on": "hired_on hire_date start_work employment_date дата_приема принят дата_приема_на_работу",
    "dismissed_on": "dismissed_on dismissal_date finish_work last_day дата_увольнения уволен"
    " последний_рабочий_день",
    "rate": "rate norm_rate ставка",
    "weekly_hours": "weekly_hours hours_a_week norm_week weekly_norm часов_в_неделю норма_часов_в_неделю"
    " недельная_норма",
    "login": "login login_sso sso_login логин учетная_запись",
}
SCHEDULES = _PEOPLE | {
    "date": "date day work_date shift_date дата день дата_смены",
    "start": "start begin from shift_start start_time начало начало_смены с время_начала",
    "end": "end finish to shift_end end_time окончание конец конец_смены окончание_смены по до"
    " время_окончания",
    "lunch": "lunch lunches lunch_time обед обеды обеденный_перерыв",
    "breaks": "breaks break pauses перерывы перерыв короткие_перерывы",
    "activity": "activity activity_code shift_type type вид_работы активность тип_смены тип",
}
OPERATORS = {
    "contacts": "contacts offered calls контакты вызовы звонки обращения",
    "operators": "operators agents operators_count required операторы количество_операторов число_операторов"
    " потребность",
    "hour": "hour час",
}


@dataclass(frozen=True)
class Names:
    """The columns of one table: by which names each is known, and those without which it is no such table.

    `needed` must all be there, and of `any_of`, where it is not empty, at least one. In `moments` numbers of
    a workbook are days. `positional` are the columns of a table without a heading, where there may be such.
    """

    columns: dict[str, str]
    needed: tuple[str, ...]
    any_of: tuple[str, ...]
    moments: frozenset[str]
    positional: tuple[str, ...] = ()

    def __call__(self, heading: str) -> str | None:
        """Give the column that a heading names, if any."""
        plain = _plain(heading)
        return next((column for column, names in self.columns.items() if plain in names.split()), None)


EMPLOYEE_NAMES = Names(
    EMPLOYEES, (), ("personnel_number", "external_id"), frozenset({"hired_on", "dismissed_on"})
)
SHIFT_NAMES = Names(SCHEDULES, ("start", "end"), PERSON, frozenset({"date", "start", "end"}))
OPERATOR_NAMES = Names(OPERATORS, ("operators",), (), frozenset(), ("contacts", "operators"))


def _plain(name: str) -> str:
    return re.sub(r"[^\w№]+", "_", name.lower().replace("ё", "е")).strip("_")
