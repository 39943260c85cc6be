"""Norms of people that the personnel system computed, kept beside our own computation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from apps.core import clock
from apps.workcalendar.models import PersonNorm

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

FACTS = ("last", "seconds", "own_seconds", "source")


@dataclass(frozen=True)
class NormFacts:
    """A norm of a person from `first` to `last`; `own_seconds` is ours, nothing without a calendar."""

    employee_id: int
    first: dt.date
    last: dt.date
    seconds: int
    own_seconds: int | None


@transaction.atomic
def store_norms(
    norms: Sequence[NormFacts],
    *,
    mode: str,
    asked: Collection[int],
    days: tuple[dt.date, dt.date],
    source: str,
) -> int:
    """Let people have these norms of `mode` (`choices.NormMode`) from the first of `days` to the last.

    Norms of the people who were `asked` for that begin in these days and are not there any more go. Gives how
    many rows were written or removed; the same again writes nothing. At most three queries.
    """
    known = {
        (row.employee_id, row.first): row
        for row in PersonNorm.objects.filter(employee__in=asked, mode=mode, first__range=days)
    }
    now = clock.now()
    rows = [
        PersonNorm(
            employee_id=norm.employee_id,
            mode=mode,
            first=norm.first,
            last=norm.last,
            seconds=norm.seconds,
            own_seconds=norm.own_seconds,
            source=source,
            received_at=now,
        )
        for norm in norms
    ]
    changed = [
        row
        for row in rows
        if (there := known.get((row.employee_id, row.first))) is None
        or any(getattr(there, name) != getattr(row, name) for name in FACTS)
    ]
    told = {(row.employee_id, row.first) for row in rows}
    gone = [row.pk for key, row in known.items() if key not in told]
    if gone:
        PersonNorm.objects.filter(pk__in=gone).delete()
    PersonNorm.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["employee", "mode", "first"],
        update_fields=[*FACTS, "received_at"],
    )
    return len(changed) + len(gone)
