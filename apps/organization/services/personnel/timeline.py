"""The dated terms of a person as spans of days, and what a dated fact does to them: no database here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Terms from `first` to `last` (included; None is open); `row_id` is the row that held them so far."""

    first: dt.date
    last: dt.date | None
    facts: Mapping[str, Any]
    row_id: int | None = None

    def holds(self, day: dt.date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def held_on(spans: Sequence[Span], day: dt.date) -> Span:
    """Give the span of `day`, else the nearest one before it, else the first."""
    before = [span for span in spans if span.first <= day]
    return before[-1] if before else spans[0]


def set_from(
    spans: Sequence[Span], facts: Mapping[str, Any], since: dt.date, today: dt.date
) -> tuple[Span, ...]:
    """Let `facts` hold from `since` on; nothing changes where they hold already.

    What differs on days ahead of today was planned there, and stays.
    """
    if not spans:
        return ()
    now = held_on(spans, max(since, today)).facts
    old = {name: now[name] for name in facts}
    if old == dict(facts):
        return tuple(spans)
    made: list[Span] = []
    for span in spans:
        is_planned_ahead = span.first > max(since, today) and any(
            span.facts[name] != old[name] for name in facts
        )
        if is_planned_ahead or (span.last is not None and span.last < since):
            made.append(span)
        elif span.first < since:
            made.append(replace(span, last=since - ONE_DAY))
            made.append(Span(since, span.last, {**span.facts, **facts}))
        else:
            made.append(replace(span, facts={**span.facts, **facts}))
    return _joined(made)


def keep_to(
    spans: Sequence[Span],
    *,
    before: tuple[dt.date, dt.date | None],
    after: tuple[dt.date, dt.date | None],
) -> tuple[Span, ...]:
    """Cut or stretch terms from the days of employment `before` (hire, last day) to those `after`."""
    hired_before, left_before = before
    hired, left = after
    if not spans:
        return ()
    if left_before is not None and hired > left_before:  # hired anew: what was stays as it was
        return (*spans, Span(hired, left, spans[-1].facts))
    made = list(spans)
    if hired < hired_before and made[0].first == hired_before:
        made[0] = replace(made[0], first=hired)
    elif hired > hired_before:
        made = [
            replace(span, first=max(span.first, hired))
            for span in made
            if span.last is None or span.last >= hired
        ]
    if left is not None:
        made = [
            replace(span, last=left if span.last is None else min(span.last, left))
            for span in made
            if span.first <= left
        ]
    if made and left_before is not None and made[-1].last == left_before and left != left_before:
        made[-1] = replace(made[-1], last=left)
    return tuple(made)


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Join neighbours that say the same; the earlier one keeps its row."""
    made: list[Span] = []
    for span in spans:
        last = made[-1] if made else None
        meets = last is not None and last.last is not None and last.last + ONE_DAY == span.first
        if last is not None and meets and dict(last.facts) == dict(span.facts):
            made[-1] = replace(last, last=span.last)
        else:
            made.append(span)
    return tuple(made)
