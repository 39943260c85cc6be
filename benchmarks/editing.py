"""Server time of an edit with its coverage and rules, beside a full check of the variant in the same run."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

from benchmarks.report import print_table, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant
    from benchmarks.pages_data import MonthOfPeople

MONTH = dt.date(2027, 3, 1)
PEOPLE = 500
ROUNDS = 40
CHECKS = 5
TARGET_MS = 150.0
HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Timing:
    """What was done how often, milliseconds of wall clock and of this process's own work, queries of one."""

    what: str
    rounds: int
    median_ms: float
    cpu_ms: float
    p95_ms: float
    worst_ms: float
    queries: int


def main(argv: list[str]) -> int:
    """Return 0 when preview, edit, undo and redo stay within the target at the 95th percentile, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks editing", description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.test")
    django.setup()
    rows = _measure(options.people, options.rounds)
    print_table(f"Edits in a month of {options.people} people, {MONTH:%Y-%m}", [asdict(row) for row in rows])
    edits, whole = rows[:-1], rows[-1]
    within = all(row.p95_ms <= TARGET_MS for row in edits)
    slowest = max(row.median_ms for row in edits)
    print(f"within {TARGET_MS:.0f} ms at the 95th percentile: {within}")
    print(f"the slowest edit takes {slowest / whole.median_ms:.0%} of a full check's time")
    write_json(
        options.json,
        {"target_ms": TARGET_MS, "within": within, "timings": [asdict(row) for row in rows]},
    )
    return 0 if within else 1


def _measure(people: int, rounds: int) -> list[Timing]:
    """Measure on a database of its own, which is dropped afterwards."""
    from django.test.utils import (  # noqa: PLC0415 - after django.setup()
        setup_databases,
        setup_test_environment,
        teardown_databases,
        teardown_test_environment,
    )

    setup_test_environment(debug=False)
    old = setup_databases(verbosity=0, interactive=False)
    try:
        return list(_timings(people, rounds))
    finally:
        teardown_databases(old, verbosity=0)
        teardown_test_environment()


def _timings(people: int, rounds: int) -> Iterator[Timing]:
    from apps.accounts.models import User  # noqa: PLC0415 - after Django is set up
    from apps.core.processes import set_start_aside  # noqa: PLC0415
    from apps.schedules.selectors.checking import check_variant  # noqa: PLC0415
    from apps.schedules.selectors.cover import cover_by_queue  # noqa: PLC0415
    from apps.schedules.services import editing  # noqa: PLC0415
    from benchmarks.pages_data import make_month  # noqa: PLC0415

    planner = User.objects.create_superuser("planner")
    made = make_month("large", people=people, month=MONTH, actor=planner)
    make_lawful(made)
    set_start_aside()  # as the web process does
    variant, moves, swaps = made.variant, _moves(made.variant, rounds), _swaps(made.variant, rounds)

    def asking(function: Callable[..., object], commands: list[Any]) -> list[Callable[[], object]]:
        who = {"variant_id": variant.pk, "actor": _fresh(planner)}
        return [partial(function, commands=[command], **who) for command in commands]

    def turning(function: Callable[..., object]) -> list[Callable[[], object]]:
        return [lambda: function(variant_id=variant.pk, actor=_fresh(planner))] * rounds

    yield _time("preview of a move", asking(editing.preview, moves))
    yield _time("preview of a swap", asking(editing.preview, swaps))
    yield _time("preview of a new shift", asking(editing.preview, _additions(variant, rounds)))
    yield _time("move", asking(editing.apply, moves))
    yield _time("undo", turning(editing.undo))
    yield _time("redo", turning(editing.redo))
    yield _time("swap", asking(editing.apply, swaps))
    yield from _by_api(variant, planner, rounds)

    def check() -> object:
        return check_variant(variant.pk), cover_by_queue(variant)

    yield _time("full check and cover of the variant", [check] * CHECKS)


def _by_api(variant: ScheduleVariant, planner: User, rounds: int) -> Iterator[Timing]:
    """Measure the whole answer of the server: sign-in, parsing, effect, JSON."""
    from django.test import Client  # noqa: PLC0415 - after Django is set up

    from apps.schedules.services import editing  # noqa: PLC0415
    from apps.schedules.types import command_data  # noqa: PLC0415

    client = Client()
    client.force_login(planner)
    lawful = [
        move
        for move in _moves(variant, rounds * 2)
        if not editing.preview(variant_id=variant.pk, commands=[move], actor=planner).is_refused
    ]
    bodies = [{"commands": [command_data(move)]} for move in lawful[:rounds]]

    def post(tail: str, body: object) -> None:
        address = f"/api/v1/schedules/{variant.pk}/edits/{tail}"
        answer = client.post(address, body, content_type="application/json")
        if answer.status_code not in {200, 201}:
            raise RuntimeError(f"{address}: {answer.status_code} {answer.content[:300]!r}")

    yield _time("API: preview of a move", [partial(post, "preview/", body) for body in bodies])
    yield _time("API: move", [partial(post, "", body) for body in bodies])
    yield _time("API: undo", [partial(post, "undo/", {})] * len(bodies))


def _fresh(user: User) -> User:
    """Give the user as a request loads it: nothing of its roles is remembered."""
    from apps.accounts.policies import forget_roles  # noqa: PLC0415 - after Django is set up

    forget_roles(user)
    return user


def make_lawful(made: MonthOfPeople) -> None:
    """Give the people of `make_month` the calendar, work rule and breaks by which their shifts are lawful."""
    from django.db import connection  # noqa: PLC0415 - after Django is set up

    from apps.schedules.models import (  # noqa: PLC0415
        BreakRule,
        LabourRuleSetting,
        PlannedPerson,
        ShiftTemplate,
        WorkRuleAssignment,
    )
    from apps.schedules.services.reference import load_default_rules  # noqa: PLC0415
    from apps.workcalendar.models import CalendarYear, ProductionCalendar  # noqa: PLC0415

    calendar, _made = ProductionCalendar.objects.get_or_create(code="ru", defaults={"name": "ru"})
    CalendarYear.objects.get_or_create(calendar=calendar, year=MONTH.year, defaults={"source": "made"})
    load_default_rules()
    LabourRuleSetting.objects.filter(code="lunch_and_breaks").update(
        parameters={"max_continuous_s": 4 * 3600}
    )
    LabourRuleSetting.objects.filter(code="month_norm").update(mode="warn")
    rule = PlannedPerson.objects.filter(variant=made.variant).select_related("work_rule__break_policy")[0]
    policy = rule.work_rule.break_policy
    policy.max_without_break_minutes = 240
    policy.save()
    BreakRule.objects.create(
        policy=policy,
        paid_from_minutes=240,
        paid_to_minutes=720,
        lunch_minutes=60,
        lunch_earliest_minutes=120,
        lunch_latest_minutes=360,
        breaks=1,
    )
    ShiftTemplate.objects.create(
        work_rule=rule.work_rule,
        name="day",
        start_from_minute=480,
        start_to_minute=1200,
        paid_from_minutes=480,
        paid_to_minutes=480,
    )
    WorkRuleAssignment.objects.bulk_create(
        WorkRuleAssignment(employee=person, work_rule=rule.work_rule, valid_from=person.hired_on)
        for person in made.employees
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does within a minute of such a load


def _moves(variant: ScheduleVariant, rounds: int) -> list[Any]:
    """Give moves by an hour of shifts of different people and days."""
    from apps.schedules.types import MoveShift  # noqa: PLC0415 - after Django is set up

    chosen = _spread(variant, rounds)
    return [MoveShift(shift.pk, start=shift.start + HOUR) for shift in chosen]


def _swaps(variant: ScheduleVariant, rounds: int) -> list[Any]:
    """Give swaps of shifts that begin at the same moment."""
    from apps.schedules.types import SwapShifts  # noqa: PLC0415 - after Django is set up

    pairs = []
    for shift in _spread(variant, rounds + 5):
        others = variant.shifts.filter(start=shift.start, employee_id__gt=shift.employee_id)
        other = others.order_by("employee_id").first()
        if other is not None:
            pairs.append(SwapShifts(shift.pk, other.pk))
    return pairs[:rounds]


def _additions(variant: ScheduleVariant, rounds: int) -> list[Any]:
    from apps.schedules.types import AddShift  # noqa: PLC0415 - after Django is set up

    start = variant.start + dt.timedelta(days=10, hours=9)
    busy = set(variant.shifts.filter(local_date=start.date()).values_list("employee_id", flat=True))
    everybody = variant.people.order_by("employee_id").values_list("employee_id", flat=True)
    return [AddShift(key, start, start + 9 * HOUR) for key in everybody if key not in busy][:rounds]


def _spread(variant: ScheduleVariant, count: int) -> list[Any]:
    """Give shifts of different people, spread over the month."""
    shifts = list(variant.shifts.order_by("employee_id", "start"))
    by_person: dict[int, list[Any]] = {}
    for shift in shifts:
        by_person.setdefault(shift.employee_id, []).append(shift)
    people = list(by_person.values())[:: max(len(by_person) // count, 1)][:count]
    return [own[place % len(own)] for place, own in enumerate(people)]


def _time(what: str, calls: Sequence[Callable[[], object]]) -> Timing:
    """Do the calls one after the other; the queries are those of the first."""
    from django.db import connection  # noqa: PLC0415 - after Django is set up
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as queries:
        calls[0]()
    count = len(queries)
    taken, worked = [], []
    for call in calls[1:]:
        begun, busy = time.perf_counter(), time.process_time()
        call()
        taken.append((time.perf_counter() - begun) * 1000)
        worked.append((time.process_time() - busy) * 1000)
    ordered = sorted(taken)
    p95 = ordered[min(round(len(ordered) * 0.95), len(ordered) - 1)]
    return Timing(
        what, len(taken), statistics.median(taken), statistics.median(worked), p95, ordered[-1], count
    )
