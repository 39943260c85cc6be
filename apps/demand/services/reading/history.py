"""From the rows of a file to intervals: step, grid, clock changes, repeats, totals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext_noop as _

from apps.core import zones
from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.columns import NO_OFFSET, Columns
from apps.demand.services.reading.layout import AHT, OFFERED, START, STEP
from apps.demand.types import UNKNOWN, HistoryRows

if TYPE_CHECKING:
    from apps.demand.services.reading.table import Table
    from apps.demand.types import BoolArray, FloatArray, IntArray, TimeArray

STEPS_S = (300, 600, 900, 1800, 3600)
_WEEK_S = 7 * 86_400
_NEARLY_ALL = 0.9


@dataclass(frozen=True, slots=True)
class Clock:
    """How a file's times are read: the queue's zone, the shift in weeks, the present moment (UTC)."""

    zone: str
    weeks_shifted: int
    now: np.datetime64
    default_step_s: int


def intervals_of(table: Table, clock: Clock) -> HistoryRows:
    """Make intervals of a table; rows that cannot be intervals go to the table's report.

    A zone in the heading comes before the queue's, a column of lengths before what the gaps say.
    """
    clock = replace(clock, zone=table.layout.zone or clock.zone)
    columns = _without_future(table, _on_queue_clock(table.columns, clock), clock)
    step_s = _told_step(columns) or _step_of(columns.local_s, clock.default_step_s)
    columns = _without(
        table,
        columns,
        columns.local_s % step_s != 0,
        Phrase(_("Not on the %(minutes)d-minute grid of the file."), {"minutes": step_s // 60}),
    )
    found = _instants(table, columns, clock)
    columns, instants = _rows(columns, found.kept), found.utc
    if (np.diff(instants.astype(np.int64)) < 0).any():
        order = np.argsort(instants, kind="stable")
        columns, instants = columns.take(order), instants[order]
    columns, instants = _without_repeats(table, columns, instants)
    return _totals(columns, instants, step_s)


@dataclass(frozen=True, slots=True)
class _Instants:
    utc: TimeArray
    kept: IntArray


def _on_queue_clock(columns: Columns, clock: Clock) -> Columns:
    """Bring times with an offset from UTC to the queue's wall clock.

    They keep their instant, unless the file is shifted: then they move with the others as local times.
    """
    given = np.flatnonzero(columns.offset_s != NO_OFFSET)
    if not given.size:
        return columns
    utc_s = columns.local_s[given] - columns.offset_s[given]
    wall_s = zones.to_local(utc_s.astype("datetime64[s]"), clock.zone).astype(np.int64)
    local_s, offset_s = columns.local_s.copy(), columns.offset_s.copy()
    local_s[given] = wall_s
    offset_s[given] = NO_OFFSET if clock.weeks_shifted else wall_s - utc_s
    return Columns(columns.line, local_s, offset_s, columns.numbers)


def _without_future(table: Table, columns: Columns, clock: Clock) -> Columns:
    local_now = zones.to_local(np.array([clock.now]), clock.zone)[0].astype(np.int64)
    is_future = columns.local_s > local_now
    return _without(table, columns, is_future, Phrase(_("In the future: history is what has happened.")))


def _without(table: Table, columns: Columns, broken: BoolArray, reason: Phrase) -> Columns:
    for row in np.flatnonzero(broken).tolist():
        _refuse(table, columns, row, reason)
    return _rows(columns, np.flatnonzero(~broken))


def _refuse(table: Table, columns: Columns, row: int, reason: Phrase) -> None:
    value = (
        "" if table.report.is_full else str(columns.local_s[row].astype("datetime64[s]")).replace("T", " ")
    )
    table.report.add(int(columns.line[row]), START, reason, value)


def _told_step(columns: Columns) -> int:
    """Give the length of the rows where a column says it, 0 where none does."""
    told = columns.numbers.get(STEP, np.zeros(0))
    lengths = np.unique(told[~np.isnan(told)]).astype(np.int64) * 60
    if lengths.size > 1 or not set(lengths.tolist()) <= set(STEPS_S):
        raise FileRefusedError(
            Phrase(
                _("The file holds intervals of %(have)s minutes; a file is of one length out of %(steps)s."),
                {
                    "have": ", ".join(str(length // 60) for length in lengths.tolist()[:10]),
                    "steps": ", ".join(str(step // 60) for step in STEPS_S),
                },
            )
        )
    return int(lengths[0]) if lengths.size else 0


def _step_of(local_s: IntArray, default_step_s: int) -> int:
    """Find the step of the file: the coarsest grid, up to the commonest gap, that nearly all rows lie on."""
    gaps = np.diff(np.unique(local_s)).astype(np.int64)
    if not gaps.size:
        return default_step_s
    common = _commonest(gaps[gaps <= STEPS_S[-1]]) or _commonest(gaps)
    fitting = [step for step in STEPS_S if step <= common and (local_s % step == 0).mean() >= _NEARLY_ALL]
    if common <= STEPS_S[-1] and (fitting or common in STEPS_S):
        return max(fitting, default=common)
    raise FileRefusedError(
        Phrase(
            _("The rows are %(seconds)d s apart; intervals of %(steps)s minutes are read."),
            {"seconds": common, "steps": ", ".join(str(step // 60) for step in STEPS_S)},
        )
    )


def _commonest(gaps: IntArray) -> int:
    sizes, counts = np.unique(gaps, return_counts=True)
    return int(sizes[counts.argmax()]) if sizes.size else 0


def _instants(table: Table, columns: Columns, clock: Clock) -> _Instants:
    """Instants of the rows after the shift, and the rows that have one.

    A local time that a clock change repeats means its first occurrence where the file has it first, and its
    second where the file has it again.
    """
    shifted = columns.local_s + clock.weeks_shifted * _WEEK_S
    resolved = zones.resolve(shifted.astype("datetime64[s]"), clock.zone)
    is_local = columns.offset_s == NO_OFFSET
    missing = is_local & ~resolved.exists
    for row in np.flatnonzero(missing).tolist():
        _refuse(
            table,
            columns,
            row,
            Phrase(_("A clock change leaves this local time out in %(zone)s."), {"zone": clock.zone}),
        )
    doubled = np.flatnonzero(resolved.utc != resolved.second_utc)
    again = doubled[_seen_before(shifted[doubled])]
    utc = resolved.utc
    utc[again] = resolved.second_utc[again]
    if not is_local.all():
        given = np.flatnonzero(~is_local)
        utc[given] = (shifted[given] - columns.offset_s[given]).astype("datetime64[s]")
    kept = np.flatnonzero(~missing)
    return _Instants(utc if kept.size == utc.size else utc[kept], kept)


def _seen_before(values: IntArray) -> BoolArray:
    first = np.unique(values, return_index=True)[1]
    seen = np.ones(values.size, dtype=np.bool_)
    seen[first] = False
    return seen


def _without_repeats(table: Table, columns: Columns, instants: TimeArray) -> tuple[Columns, TimeArray]:
    repeats = (
        np.concatenate([[False], np.diff(instants.astype(np.int64)) == 0])
        if instants.size
        else np.zeros(0, bool)
    )
    for row in np.flatnonzero(repeats).tolist():
        _refuse(
            table, columns, row, Phrase(_("Repeats line %(line)d."), {"line": int(columns.line[row - 1])})
        )
    kept = np.flatnonzero(~repeats)
    return _rows(columns, kept), instants[kept]


def _rows(columns: Columns, kept: IntArray) -> Columns:
    """Take rows in their order; all of them without a copy."""
    return columns if kept.size == columns.line.size else columns.take(kept)


def _totals(columns: Columns, instants: TimeArray, step_s: int) -> HistoryRows:
    def whole(name: str) -> IntArray:
        values = columns.numbers.get(name)
        return _whole(values) if values is not None else np.full(instants.size, UNKNOWN)

    handled = whole("handled")
    handle_s = whole("handle_s")
    aht_s = columns.numbers.get(AHT)
    if aht_s is not None:
        offered = columns.numbers[OFFERED]
        total = _whole(aht_s * np.where(handled == UNKNOWN, offered, handled))
        handle_s = np.where(handle_s == UNKNOWN, total, handle_s)
    return HistoryRows(
        step_s=step_s,
        starts=instants,
        offered=whole(OFFERED),
        handled=handled,
        abandoned=whole("abandoned"),
        handle_s=handle_s,
        wrap_s=whole("wrap_s"),
        answered_in_target=whole("answered_in_target"),
    )


def _whole(values: FloatArray) -> IntArray:
    return np.where(np.isnan(values), UNKNOWN, np.rint(np.nan_to_num(values))).astype(np.int64)
