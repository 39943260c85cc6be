"""Balances of leave that the personnel system counts: kept, never computed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from apps.core import clock
from apps.workcalendar.models import VacationBalance

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping
    from decimal import Decimal

    Balances = Mapping[int, Mapping[dt.date, Decimal]]

# Written out: an object for each of a hundred thousand balances costs more than the database does.
UPSERT = """
INSERT INTO workcalendar_vacationbalance (employee_id, date, days, source, received_at)
SELECT employee_id, date, days, %s, %s
FROM unnest(%s::bigint[], %s::date[], %s::numeric[]) AS told (employee_id, date, days)
ON CONFLICT (employee_id, date) DO UPDATE
SET days = excluded.days, source = excluded.source, received_at = excluded.received_at
"""


def known_balances(employee_ids: Collection[int]) -> dict[int, dict[dt.date, Decimal]]:
    """Give the balances of people by accrual date, in one query."""
    found: dict[int, dict[dt.date, Decimal]] = {}
    rows = VacationBalance.objects.filter(employee__in=employee_ids).order_by("date")
    for employee_id, date, days in rows.values_list("employee_id", "date", "days"):
        found.setdefault(employee_id, {})[date] = days
    return found


@transaction.atomic
def store_balances(balances: Balances, *, source: str) -> int:
    """Write balances by employee and accrual date that are new or other than known; give how many.

    Two queries. Days are of a person's leave, two decimals; `source` is the code of the connection.
    """
    known = known_balances(balances)
    rows = [
        (employee_id, date, days)
        for employee_id, by_date in balances.items()
        for date, days in by_date.items()
        if known.get(employee_id, {}).get(date) != days
    ]
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(UPSERT, [source, clock.now(), *columns])
    return len(rows)
