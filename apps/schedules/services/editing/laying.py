"""Lunch and breaks of a shift whose span a person chose."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.rostering.break_table import BreakTable, break_table
from apps.algorithms.rostering.rules import Limits, Mode, RuleContext
from apps.algorithms.rostering.shifts import ActivityKind
from apps.schedules.selectors.edit_cover import Difference, is_short
from apps.schedules.selectors.roster import break_rule_of, worker_of
from apps.schedules.selectors.slots import SlotClock
from apps.schedules.types import SLOT_S, ActivityFacts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from apps.schedules.selectors.edit_book import BookPerson, EditBook

WORK = ActivityKind.WORK.value
FINE_SLOT_S = 300
"""Where a shift does not lie on the planning grid, its breaks are laid on that of edits."""


@dataclass(frozen=True)
class Wanted:
    """A shift to be laid: whose, when, for which queue; `own` are activities that it replaces.

    `difference` is how the shifts that it will lie among differ from those stored.
    """

    person: BookPerson
    start: dt.datetime
    end: dt.datetime
    queue_id: int
    difference: Difference
    own: tuple[ActivityFacts, ...] = ()


def lay(book: EditBook, wanted: Wanted) -> tuple[ActivityFacts, ...]:
    """Give the activities of a shift, its pauses by the person's break rules.

    They lie where they leave the fewest slots short of an agent, and of such places most evenly. Where no
    rule fits the length the shift is work from end to end, and the labour rules say what is wrong.
    """
    start, end, queue_id = wanted.start, wanted.end, wanted.queue_id
    seconds = int(start.timestamp()), int(end.timestamp())
    slot_s = FINE_SLOT_S if any(second % SLOT_S for second in seconds) else SLOT_S
    presence = (seconds[1] - seconds[0]) // slot_s
    table = _table(book, wanted.person, presence, slot_s)
    pauses = () if table is None else table.place(_costs(book, wanted, table, slot_s))[0]
    step = dt.timedelta(seconds=slot_s)

    def leaves() -> Iterator[ActivityFacts]:
        done = 0
        for offset, length, is_lunch in pauses:
            yield ActivityFacts(WORK, start + done * step, start + offset * step, queue_id)
            kind = (ActivityKind.LUNCH if is_lunch else ActivityKind.BREAK).value
            done = offset + length
            yield ActivityFacts(kind, start + offset * step, start + done * step)
        yield ActivityFacts(WORK, start + done * step, end, queue_id)

    return tuple(leaf for leaf in leaves() if leaf.end > leaf.start)


def _table(book: EditBook, person: BookPerson, presence: int, slot_s: int) -> BreakTable | None:
    """Give the first break table that fits the presence, the hard rules of the Code kept if they can be."""
    key = person.employee_id, presence, slot_s
    if key not in book.break_tables:
        book.break_tables[key] = _make_table(book, person, presence, slot_s)
    return book.break_tables[key]


def _make_table(book: EditBook, person: BookPerson, presence: int, slot_s: int) -> BreakTable | None:
    if person.facts is None:
        return None
    rules = [break_rule_of(facts, slot_s) for facts in person.facts.work_rule.breaks]
    fitting = [rule for rule in rules if rule.paid_min <= presence - rule.lunch <= rule.paid_max]
    for limits in (_limits(book, person, slot_s), Limits()):
        for rule in fitting:
            table = break_table(rule, presence - rule.lunch, limits)
            if table is not None:
                return table
    return None


def _limits(book: EditBook, person: BookPerson, slot_s: int) -> Limits:
    limits = Limits()
    assert person.facts is not None  # noqa: S101 - the caller has looked
    clock = SlotClock(book.judge.clock.origin, slot_s)
    worker = worker_of(person.facts, book.month, clock)
    context = RuleContext(worker, book.month.first.weekday(), book.month.n_days, slot_s)
    for rule in book.rules:
        if rule.mode is Mode.HARD and rule.code == "lunch_and_breaks":
            rule.restrain(limits, context)
    return limits


def _costs(book: EditBook, wanted: Wanted, table: BreakTable, slot_s: int) -> NDArray[np.float64]:
    """Give what each slot of a pause costs, shape (presence, 1): a missing agent more than any unevenness."""
    instants = int(wanted.start.timestamp()) + np.arange(table.presence, dtype=np.int64) * slot_s
    own = Difference(book.month)
    own.take(wanted.own, 1)
    added = wanted.difference.of(wanted.queue_id) - own.of(wanted.queue_id)
    short = is_short(book.cover, wanted.queue_id, instants, added)
    heaviest = table.presence * (table.pauses * table.pause + table.lunch)
    return np.asarray(_evenly(table) + heaviest * short[:, None])


def _evenly(table: BreakTable) -> NDArray[np.float64]:
    """Give what each slot of a pause costs, shape (presence, 1): its distance to an even spread of pauses."""
    parts = table.pauses + table.lunches + 1
    ideal = np.arange(1, parts) * table.presence / parts
    middles = np.arange(table.presence) + 0.5
    if not ideal.size:
        return np.zeros((table.presence, 1))
    return np.asarray(np.abs(middles[:, None] - ideal[None, :]).min(axis=1)[:, None])
