"""What this 1C says when it refuses; the sentences are its own."""

from __future__ import annotations


class FaultyRequestError(Exception):
    """The service cannot handle the request at all: 500 with a text (400 in the gateway)."""


class RefusalError(Exception):
    """A business refusal: 200 with `result` false and this message."""


UNKNOWN_PERSON = "Сотрудник с идентификатором {agent} в базе 1С:ЗУП не найден."
PAST_PERIOD = "Графики за прошедшие месяцы менять нельзя: период до {until}. Документы не созданы."
NO_CALENDAR = "Производственный календарь за {year} год не заполнен в 1С:ЗУП."
PART_MONTH = (
    "За {month} уже введён график на неполный месяц. Удалите его в 1С:ЗУП и отправьте график ещё раз."
)
NO_SHIFTS = "Нет данных о сменах сотрудника за {since} – {until}. Документ не создан."
NOT_WHOLE_MONTHS = "Период {since} – {until} не состоит из целых месяцев. Документ не создан."
OUTSIDE_PERIOD = "Дата {date} не входит в период {since} – {until}. Документ не создан."
TWICE = "Дата {date} указана в графике дважды. Документ не создан."
TOO_LONG = "На дату {date} указано больше 24 часов. Документ не создан."
WRITTEN = "Документов графика записано: {count}."

SHIFTS_OVERLAP = "Смены {date} пересекаются. График сотрудника не принят."
SHIFT_TOO_LONG = "Смена {date} длиннее 12 часов. График сотрудника не принят."
BATCH_WRITTEN = "Принято графиков: {good} из {count}."
BATCH_TOO_LONG = "В одном запросе не больше {most} сотрудников."
