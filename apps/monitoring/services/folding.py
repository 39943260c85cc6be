"""An agent's history as a function of everything told of them: no order of arrival changes it.

Of several things told of one moment, exits come before entries, and entries in their order of arrival; one
that was left at the same moment lasted no time. A new status ends the one before, whether or not its exit
came. A span that was reported with its end holds where nothing began after it.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apps.monitoring.choices import EventKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Told:
    """One event: `until` of spans only; `number` is the order of arrival."""

    at: dt.datetime
    kind: str
    status: int
    number: int
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A status from `start` to `end`, None while it lasts."""

    start: dt.datetime
    end: dt.datetime | None
    status: int


@dataclass(slots=True)
class _Moment:
    entered: list[int] = field(default_factory=list)
    left: set[int] = field(default_factory=set)
    is_absent: bool = False
    span: Told | None = None


def fold(events: Iterable[Told]) -> list[Piece]:
    """Give the history that `events` of one agent make: pieces in order, none of which overlap."""
    moments: defaultdict[dt.datetime, _Moment] = defaultdict(_Moment)
    for event in sorted(events, key=lambda event: event.number):
        moment = moments[event.at]
        if event.kind == EventKind.ENTER:
            moment.entered.append(event.status)
        elif event.kind == EventKind.EXIT:
            moment.left.add(event.status)
        elif event.kind == EventKind.ABSENT:
            moment.is_absent = True
        else:
            moment.span = event
    in_order = sorted(moments.items())
    spans = [
        Piece(at, moment.span.until, moment.span.status) for at, moment in in_order if moment.span is not None
    ]
    return _laid_over(
        _entered(in_order), [span for span in spans if span.end is None or span.end > span.start]
    )


def _entered(moments: Sequence[tuple[dt.datetime, _Moment]]) -> list[Piece]:
    """Follow entries and exits: at any moment at most one status is open."""
    pieces: list[Piece] = []
    opened: tuple[dt.datetime, int] | None = None
    for at, moment in moments:
        left = set(moment.left)
        if opened is not None and (
            opened[1] in left or moment.is_absent or moment.entered or moment.span is not None
        ):
            left.discard(opened[1])
            pieces.append(Piece(opened[0], at, opened[1]))
            opened = None
        stays = _staying(moment.entered, left)
        if stays is not None and moment.span is None:
            opened = (at, stays)
    if opened is not None:
        pieces.append(Piece(opened[0], None, opened[1]))
    return pieces


def _staying(entered: Sequence[int], left: set[int]) -> int | None:
    """Tell which of the statuses entered in one moment lasts: the last that was not left in it, too."""
    stays = None
    for status in entered:
        if status in left:
            left.discard(status)
        else:
            stays = status
    return stays


def _laid_over(entered: Sequence[Piece], spans: Sequence[Piece]) -> list[Piece]:
    """Cut overlaps: of those that cover a moment, the one that began last holds."""
    items = sorted([*entered, *spans], key=lambda item: item.start)
    if not spans:
        return items
    bounds = sorted({item.start for item in items} | {item.end for item in items if item.end is not None})
    covering: list[tuple[int, Piece]] = []  # the item that began last first
    pieces: list[Piece] = []
    holders: list[int] = []
    coming = 0
    for index, bound in enumerate(bounds):
        while coming < len(items) and items[coming].start == bound:
            heapq.heappush(covering, (-coming, items[coming]))
            coming += 1
        while covering and (end := covering[0][1].end) is not None and end <= bound:
            heapq.heappop(covering)
        if not covering:
            continue
        number, item = covering[0]
        following = bounds[index + 1] if index + 1 < len(bounds) else None
        if holders and holders[-1] == number and pieces[-1].end == bound:
            pieces[-1] = Piece(pieces[-1].start, following, item.status)
        else:
            pieces.append(Piece(bound, following, item.status))
            holders.append(number)
    return pieces
