"""Which days a run of norms or time codes is about, and whom of a connection it asks for."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext_noop

from apps.core import clock
from apps.core.phrases import Phrase
from apps.integrations.errors import ConfigurationError
from apps.integrations.models import PersonLink
from apps.workcalendar.choices import NormMode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from apps.integrations.types import Access

PEOPLE_AT_ONCE = 500
MONTHS = {NormMode.MONTH: 1, NormMode.QUARTER: 3, NormMode.YEAR: 12}
ONE_DAY = dt.timedelta(days=1)
NO_MONTH = gettext_noop("“%(text)s” is not a month, as 2026-11 is.")


def month_of(access: Access, options: Mapping[str, Any]) -> dt.date:
    """Give the first day of the month that is asked for (`month`: 2026-11), else of the present one.

    The present is that of the other system's zone. Raises `ConfigurationError` for what is no month.
    """
    text = options.get("month")
    if not text:
        return clock.now().astimezone(ZoneInfo(access.time_zone)).date().replace(day=1)
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError as refusal:
        raise ConfigurationError(Phrase(NO_MONTH, {"text": str(text)[:20]}), sent=False) from refusal


def period_of(month: dt.date, mode: str) -> tuple[dt.date, dt.date]:
    """Give the first and last day of the month, quarter or year (`choices.NormMode`) that holds `month`."""
    months = MONTHS[NormMode(mode)]
    first = month.replace(month=(month.month - 1) // months * months + 1, day=1)
    after = first.year * 12 + first.month - 1 + months
    return first, dt.date(after // 12, after % 12 + 1, 1) - ONE_DAY


def people_of(connection_id: int, days: tuple[dt.date, dt.date]) -> dict[str, int]:
    """Give who of a connection is employed in these days: employees by external id, in order."""
    first, last = days
    rows = PersonLink.objects.filter(
        Q(employee__dismissed_on=None) | Q(employee__dismissed_on__gte=first),
        connection=connection_id,
        employee__hired_on__lte=last,
    ).order_by("external_id")
    return dict(rows.values_list("external_id", "employee_id"))


def portions(people: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Give people `PEOPLE_AT_ONCE` at a time: so many are asked for in one call."""
    rows = list(people.items())
    for start in range(0, len(rows), PEOPLE_AT_ONCE):
        yield dict(rows[start : start + PEOPLE_AT_ONCE])
