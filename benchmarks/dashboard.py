"""Server time of the dashboard with 10 000 people and twelve months: the page, and the cover it asks for."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import django

from benchmarks.report import print_table, write_json

if TYPE_CHECKING:
    from apps.accounts.models import User

PEOPLE, GROUPS, MONTHS = 10_000, 20, 12
ROUNDS = 9
TARGET_MS = 150.0
HTTP_OK = 200
GROUND = 4
"""People of each group that `make_month` makes with the rest of the group; the others are copied in bulk."""
LOAD = """
ALTER TABLE schedules_shift DROP CONSTRAINT no_overlap_in_a_variant;
ALTER TABLE schedules_shift DROP CONSTRAINT no_overlap_in_what_is_published;
ALTER TABLE schedules_shift DISABLE TRIGGER USER;
ALTER TABLE schedules_activity DISABLE TRIGGER USER;
INSERT INTO schedules_shift (variant_id, employee_id, local_date, start, "end", paid_s, is_published)
SELECT variant.id, member.employee_id, day::date, day + interval '6 hours', day + interval '15 hours',
       28800, true
FROM schedules_schedulevariant variant
JOIN schedules_planninggroup_queues link ON link.planninggroup_id = variant.group_id
JOIN organization_queuemembership member ON member.queue_id = link.queue_id
CROSS JOIN generate_series(variant.start, variant.end - interval '1 day', interval '1 day') day
WHERE (extract(doy FROM day)::int + member.employee_id) % 7 < 5
  AND NOT EXISTS (SELECT 1 FROM schedules_shift own
                  WHERE own.variant_id = variant.id AND own.employee_id = member.employee_id);
INSERT INTO schedules_activity (shift_id, kind_id, queue_id, start, "end")
SELECT shift.id, kind.id, CASE WHEN kind.code = 'work' THEN link.queue_id END,
       shift.start + part.first * interval '1 minute', shift.start + part.last * interval '1 minute'
FROM schedules_shift shift
JOIN schedules_schedulevariant variant ON variant.id = shift.variant_id
JOIN schedules_planninggroup_queues link ON link.planninggroup_id = variant.group_id
CROSS JOIN (VALUES ('work', 0, 120), ('break', 120, 135), ('work', 135, 240), ('lunch', 240, 300),
                   ('work', 300, 540)) part (code, first, last)
JOIN workcalendar_activitykind kind ON kind.code = part.code
WHERE shift.local_date BETWEEN %(first)s AND %(last)s
  AND NOT EXISTS (SELECT 1 FROM schedules_activity own WHERE own.shift_id = shift.id);
"""
"""Shifts of every month, their parts for the weeks that the cover counts. What forbids overlaps is dropped:
it would make loading take most of an hour, and nothing that is measured reads it."""


@dataclass(frozen=True)
class Timing:
    """One address: server time in milliseconds, the web process's own part of it, and its queries."""

    what: str
    median_ms: float
    cpu_ms: float
    worst_ms: float
    queries: int


def main(argv: list[str]) -> int:
    """Return 0 when the dashboard answers within its target, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks dashboard", description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--months", type=int, default=MONTHS)
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.test")
    django.setup()
    rows = _measure(options.people, options.months)
    print_table(f"Dashboard, {options.people} people, {options.months} months", [asdict(row) for row in rows])
    within = rows[0].median_ms <= TARGET_MS
    print(f"dashboard within {TARGET_MS:.0f} ms: {within}")
    write_json(
        options.json, {"target_ms": TARGET_MS, "within": within, "rows": [asdict(row) for row in rows]}
    )
    return 0 if within else 1


def _measure(people: int, months: int) -> list[Timing]:
    """Measure on a database of its own, which is dropped afterwards."""
    from django.core.cache import cache  # noqa: PLC0415 - after django.setup()
    from django.test import Client  # noqa: PLC0415 - after django.setup()
    from django.test.utils import setup_databases, teardown_databases  # noqa: PLC0415 - after django.setup()

    from apps.accounts.models import User  # noqa: PLC0415 - after django.setup()

    old = setup_databases(verbosity=0, interactive=False)
    try:
        planner = User.objects.create_superuser("planner")
        _fill(people, months, planner)
        client = Client()
        client.force_login(planner)
        return [
            _time(client, "dashboard", "/admin/"),
            _time(client, "cover, kept", "/dashboard/coverage/"),
            _time(client, "cover, counted anew", "/dashboard/coverage/", before=cache.clear),
            _time(client, "employees in the admin", "/admin/organization/employee/"),
            _time(client, "employees, searched", "/admin/organization/employee/?q=Орлов"),
        ]
    finally:
        teardown_databases(old, verbosity=0)


def _fill(people: int, months: int, actor: User) -> None:
    """Make groups with their people, and months around the present one."""
    from django.db import connection  # noqa: PLC0415 - after django.setup()

    from apps.core import clock  # noqa: PLC0415 - after django.setup()
    from apps.core.web.converters import month_after  # noqa: PLC0415 - after django.setup()
    from apps.organization.models import Employee, QueueMembership  # noqa: PLC0415 - after django.setup()
    from apps.schedules.models import ScheduleVariant  # noqa: PLC0415 - after django.setup()
    from benchmarks.pages_data import _bounds as bounds  # noqa: PLC0415
    from benchmarks.pages_data import make_month  # noqa: PLC0415 - after django.setup()

    today = clock.now().date()
    present = today.replace(day=1)
    for group in range(GROUPS):
        made = make_month(f"g{group:02d}", people=GROUND, month=present, actor=actor)
        staff = Employee.objects.bulk_create(
            Employee(
                personnel_number=f"{group:02d}{number:05d}",
                last_name=("Иванова", "Петров", "Орлов")[number % 3],
                first_name="Анна",
                hired_on=dt.date(2024, 1, 9),
            )
            for number in range(people // GROUPS - GROUND)
        )
        QueueMembership.objects.bulk_create(
            QueueMembership(employee=person, queue=made.queue, valid_from=person.hired_on) for person in staff
        )
        for offset in range(2 - months, 2):
            month = month_after(present, offset)
            if month == present:
                continue
            start, end = bounds(month)
            ScheduleVariant.objects.create(
                group=made.group,
                month=month,
                number=1,
                state="published",
                start=start,
                end=end,
                code_version="made",
                published_at=clock.now(),
            )
    reach = {"first": today - dt.timedelta(days=2), "last": today + dt.timedelta(weeks=4, days=2)}
    with connection.cursor() as cursor:
        for statement in LOAD.split(";\n"):
            if statement.strip():
                cursor.execute(statement, reach if "%(" in statement else None)
        cursor.execute("ANALYZE")  # as autovacuum does within a minute of such a load


def _time(client: object, what: str, address: str, before: object = None) -> Timing:
    """Ask once to fill caches, once to count queries, and then for the clock."""
    from django.db import connection  # noqa: PLC0415 - after django.setup()
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - after django.setup()

    def ask() -> None:
        if callable(before):
            before()
        answer = client.get(address)  # type: ignore[attr-defined]
        if answer.status_code != HTTP_OK:
            raise RuntimeError(f"{address}: {answer.status_code}")

    ask()
    with CaptureQueriesContext(connection) as queries:
        ask()
    count = len(queries)
    wall, cpu = [], []
    for _round in range(ROUNDS):
        begun, worked = time.perf_counter(), time.process_time()
        ask()
        wall.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
    return Timing(what, statistics.median(wall), statistics.median(cpu), max(wall), count)
