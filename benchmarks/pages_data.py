"""A planning group with a published month, made in bulk: people, shifts with parts, requirement, history."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction

from apps.core import clock
from apps.core.copying import copy_rows
from apps.core.partitions import ensure_months
from apps.core.phrases import Phrase
from apps.core.zones import to_instant
from apps.demand.choices import ImportState
from apps.demand.models import ImportBatch, IntervalHistory
from apps.forecasts.choices import VersionState
from apps.forecasts.models import ForecastPoint, ForecastVersion
from apps.organization.models import (
    Department,
    Employee,
    EmploymentTerms,
    Position,
    Queue,
    QueueMembership,
    Service,
    Site,
)
from apps.schedules.choices import VariantState
from apps.schedules.models import (
    Activity,
    BreakPolicy,
    PlannedPerson,
    PlanningGroup,
    ScheduleVariant,
    Shift,
    WorkRule,
)
from apps.staffing.choices import RequirementState
from apps.staffing.models import RequirementPoint, RequirementVersion
from apps.workcalendar.models import ActivityKind

if TYPE_CHECKING:
    from django.db.models import Model
    from numpy.typing import NDArray

    from apps.accounts.models import User

ZONES = ("Europe/Moscow", "Asia/Yekaterinburg", "Asia/Novosibirsk", "Europe/Kaliningrad")
STARTS = (8, 9, 10, 11, 20)
LUNCH_AFTER_H, LUNCH_H, PRESENCE_H = 4, 1, 9
BREAK_AFTER_M, BREAK_M = 120, 15
STEP_S = 900
DAY_S = 86_400
HISTORY_DAYS = 56
WEEK, WORKED_DAYS = 7, 5
FIRST_NAMES = ("Анна", "Иван", "Мария", "Пётр", "Ольга", "Сергей")
LAST_NAMES = ("Иванова", "Петров", "Сидорова", "Кузнецов", "Смирнова", "Волков", "Фёдорова", "Орлов")


@dataclass(frozen=True)
class MonthOfPeople:
    """What was made."""

    group: PlanningGroup
    queue: Queue
    variant: ScheduleVariant
    month: dt.date
    employees: list[Employee]
    departments: list[Department]


@transaction.atomic
def make_month(code: str, *, people: int, month: dt.date, actor: User | None = None) -> MonthOfPeople:
    """Make a group of `people` with a published variant of `month`; every fifth shift is at night."""
    queue = _queue(code)
    group = PlanningGroup.objects.create(code=code, name=f"Group {code}", time_zone=ZONES[0])
    group.queues.set([queue])
    sites = [_site(zone) for zone in ZONES]
    departments = [
        Department.objects.create(code=f"{code}-{n}", name=f"Department {code} {n}") for n in range(4)
    ]
    rule = _work_rule(code)
    staff = _employees(code, people, sites, departments)
    QueueMembership.objects.bulk_create(
        QueueMembership(employee=person, queue=queue, valid_from=person.hired_on) for person in staff
    )
    start, end = _bounds(month)
    requirement = _chain(queue, start, end, people, actor)
    variant = ScheduleVariant.objects.create(
        group=group,
        month=month,
        number=1,
        state=VariantState.PUBLISHED,
        start=start,
        end=end,
        code_version="made",
        created_by=actor,
        published_by=actor,
        published_at=clock.now(),
        metrics={
            "under_share": 0.021,
            "over_share": 0.084,
            "expected": {"service_level": 0.823},
            "people": people,
            "shifts": people * 21,
            "paid_h": people * 168.0,
            "norm_h": people * 168.0,
            "hard_violations": 0,
            "objective": 1043,
            "bound": 1002,
            "gap": 0.0393,
            "seconds": {"load": 0.4, "solve": 96.1, "store": 2.9},
        },
    )
    variant.requirements.set([requirement])
    PlannedPerson.objects.bulk_create(
        PlannedPerson(
            variant=variant,
            employee=person,
            queue=queue,
            work_rule=rule,
            department=departments[index % len(departments)],
            site=sites[index % len(sites)],
            time_zone=sites[index % len(sites)].time_zone,
            norm_s=168 * 3600,
        )
        for index, person in enumerate(staff)
    )
    _shifts(variant, queue, staff, month)
    _history(queue, start, people)
    return MonthOfPeople(group, queue, variant, month, staff, departments)


def _queue(code: str) -> Queue:
    service, _made = Service.objects.get_or_create(code="made", defaults={"name": "Bank"})
    return Queue.objects.create(service=service, code=code, name=f"Queue {code}", time_zone=ZONES[0])


def _site(zone: str) -> Site:
    name = zone.rpartition("/")[2]
    site, _made = Site.objects.get_or_create(code=name.lower(), defaults={"name": name, "time_zone": zone})
    return site


def _work_rule(code: str) -> WorkRule:
    policy = BreakPolicy.objects.create(code=code, name=code)
    return WorkRule.objects.create(code=code, name="5/2", break_policy=policy)


def _employees(code: str, people: int, sites: list[Site], departments: list[Department]) -> list[Employee]:
    position, _made = Position.objects.get_or_create(name="Operator")
    hired = dt.date(2024, 1, 9)
    staff = Employee.objects.bulk_create(
        Employee(
            personnel_number=f"{code}-{index:05d}",
            last_name=LAST_NAMES[index % len(LAST_NAMES)],
            first_name=FIRST_NAMES[index % len(FIRST_NAMES)],
            middle_name=f"{index:03d}",
            hired_on=hired,
        )
        for index in range(people)
    )
    EmploymentTerms.objects.bulk_create(
        EmploymentTerms(
            employee=person,
            valid_from=hired,
            position=position,
            department=departments[index % len(departments)],
            site=sites[index % len(sites)],
        )
        for index, person in enumerate(staff)
    )
    return staff


def _bounds(month: dt.date) -> tuple[dt.datetime, dt.datetime]:
    zone = ZoneInfo(ZONES[0])
    following = (month + dt.timedelta(days=32)).replace(day=1)
    return tuple(dt.datetime.combine(day, dt.time(), zone) for day in (month, following))  # type: ignore[return-value]


def _curve(slots: int, top: float) -> NDArray[np.float64]:
    """Give a day-shaped curve with a quiet night, agents or contacts per slot."""
    hour = np.arange(slots) % (DAY_S // STEP_S) * STEP_S / 3600
    return np.round(top * np.clip(np.sin((hour - 6) / 16 * np.pi), 0.04, None), 1)


def _chain(
    queue: Queue, start: dt.datetime, end: dt.datetime, people: int, actor: User | None
) -> RequirementVersion:
    slots = int((end - start).total_seconds()) // STEP_S
    common = {"queue": queue, "number": 1, "start": start, "end": end, "step_s": STEP_S}
    forecast = ForecastVersion.objects.create(
        **common,
        state=VersionState.ACTIVE,
        model="blend",
        chosen_because=Phrase.plain("Least WAPE over four rolling origins."),
        level="0.800",
        code_version="made",
        created_by=actor,
    )
    calls = _curve(slots, people * 1.2)
    figures = {"calls": calls, "lower": calls * 0.85, "upper": calls * 1.15, "aht_s": np.full(slots, 240.0)}
    _copy(ForecastPoint, start, {"version_id": forecast.pk}, figures)
    requirement = RequirementVersion.objects.create(
        **common, state=RequirementState.ACTIVE, forecast=forecast, code_version="made", created_by=actor
    )
    needed = _curve(slots, people * 0.45).astype(np.int64)
    figures = {"load_erl": needed * 0.85, "positions": needed, "required": needed}
    _copy(RequirementPoint, start, {"version_id": requirement.pk}, figures)
    return requirement


def _copy(
    model: type[Model], start: dt.datetime, keys: dict[str, int], figures: dict[str, NDArray[Any]]
) -> None:
    """Append consecutive intervals from `start`; integers of `figures` go to integer columns."""
    slots = len(next(iter(figures.values())))
    starts = to_instant(start) + np.arange(slots) * np.timedelta64(STEP_S, "s")
    ensure_months(model, start, start + dt.timedelta(seconds=STEP_S * slots))
    columns: dict[str, tuple[str, NDArray[Any]]] = {"start": ("timestamptz", starts)}
    columns |= {name: ("int8", np.full(slots, value)) for name, value in keys.items()}
    for name, values in figures.items():
        kind = "float8" if values.dtype.kind == "f" else _kind(model, name)
        columns[name] = (kind, values)
    with connection.cursor() as cursor:
        copy_rows(cursor, model._meta.db_table, columns)  # noqa: SLF001 - Django's public name


def _kind(model: type[Model], name: str) -> str:
    kind = model._meta.get_field(name).get_internal_type()  # noqa: SLF001 - Django's public name
    return "int8" if "Big" in kind else "int4"


def _shifts(variant: ScheduleVariant, queue: Queue, staff: list[Employee], month: dt.date) -> None:
    days = (variant.end - variant.start).days
    kinds = {
        code: ActivityKind.objects.get_or_create(
            code=code,
            defaults={
                "name_ru": code,
                "name_en": code.capitalize(),
                "abbreviation": code[0],
                "is_paid": code != "lunch",
                "is_productive": code == "work",
            },
        )[0]
        for code in ("work", "lunch", "break")
    }
    rows = []
    for index, person in enumerate(staff):
        zone = ZoneInfo(ZONES[index % len(ZONES)])
        hour = STARTS[index % len(STARTS)]
        for offset in range(days):
            if (offset + index) % WEEK >= WORKED_DAYS:
                continue
            day = month + dt.timedelta(days=offset)
            begin = dt.datetime.combine(day, dt.time(hour), zone)
            rows.append(
                Shift(
                    variant=variant,
                    employee=person,
                    local_date=day,
                    start=begin,
                    end=begin + dt.timedelta(hours=PRESENCE_H),
                    paid_s=(PRESENCE_H - LUNCH_H) * 3600,
                    is_published=True,
                )
            )
    shifts = Shift.objects.bulk_create(rows, batch_size=2000)
    Activity.objects.bulk_create(
        (
            Activity(
                shift=shift,
                kind=kinds[kind],
                queue=queue if kind == "work" else None,
                start=shift.start + dt.timedelta(minutes=first),
                end=shift.start + dt.timedelta(minutes=last),
            )
            for shift in shifts
            for kind, first, last in _parts()
        ),
        batch_size=5000,
    )


def _parts() -> list[tuple[str, int, int]]:
    lunch, whole = LUNCH_AFTER_H * 60, PRESENCE_H * 60
    return [
        ("work", 0, BREAK_AFTER_M),
        ("break", BREAK_AFTER_M, BREAK_AFTER_M + BREAK_M),
        ("work", BREAK_AFTER_M + BREAK_M, lunch),
        ("lunch", lunch, lunch + LUNCH_H * 60),
        ("work", lunch + LUNCH_H * 60, whole),
    ]


def _history(queue: Queue, end: dt.datetime, people: int) -> None:
    batch = ImportBatch.objects.create(
        queue=queue, file_name=f"{queue.code}.csv", sha256="0" * 64, state=ImportState.APPLIED
    )
    slots = HISTORY_DAYS * DAY_S // STEP_S
    offered = np.random.default_rng(7).poisson(_curve(slots, people * 1.2))
    figures = {
        "step_s": np.full(slots, STEP_S),
        "offered": offered,
        "handled": offered,
        "handle_s": offered * 240,
    }
    start = end - dt.timedelta(days=HISTORY_DAYS)
    _copy(IntervalHistory, start, {"queue_id": queue.pk, "batch_id": batch.pk}, figures)
