"""Balances of leave: 28 days a year of service, a twelfth on each monthly anniversary of the hire."""

from __future__ import annotations

import calendar
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from apps.integrations.simulators.onec.people import Person

DAYS_A_MONTH = Decimal(28) / 12
TAKEN_A_YEAR = Decimal(21)
MONTHS_A_YEAR = 12
HUNDREDTH = Decimal("0.01")


def balances(person: Person, first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, Decimal]]:
    """Give the accrual dates of the span that the person was employed on, with the balance after each.

    Three weeks are counted as taken in every full year of service.
    """
    last = min(last, person.dismissed or last)
    service = max(1, (first.year - person.hired.year) * MONTHS_A_YEAR + first.month - person.hired.month)
    while (day := _anniversary(person.hired, service)) <= last:
        if day >= first:
            taken = TAKEN_A_YEAR * (service // MONTHS_A_YEAR)
            yield day, (DAYS_A_MONTH * service - taken).quantize(HUNDREDTH, ROUND_HALF_UP)
        service += 1


def _anniversary(hired: dt.date, service: int) -> dt.date:
    months = hired.month - 1 + service
    year, month = hired.year + months // MONTHS_A_YEAR, months % MONTHS_A_YEAR + 1
    return hired.replace(year=year, month=month, day=min(hired.day, calendar.monthrange(year, month)[1]))
