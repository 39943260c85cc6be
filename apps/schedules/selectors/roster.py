"""People and their work rules in the words of the optimiser and of the labour rules."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.algorithms.rostering.problem import (
    BreakRule,
    Rotation,
    RotationKind,
    ShiftWindow,
    Span,
    Worker,
    WorkRule,
)
from apps.algorithms.rostering.shifts import Activity, ActivityKind, Shift
from apps.core.errors import DomainError
from apps.core.phrases import Phrase
from apps.schedules.selectors.slots import SlotClock, clock_changes, day_starts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.schedules.types import BreakFacts, Month, PersonFacts, ShiftFacts, TemplateSpec, WorkRuleFacts

DAYS_IN_WEEK = 7
REST = "-"


def worker_of(person: PersonFacts, month: Month, clock: SlotClock) -> Worker:
    """Give the person as a worker; absences off the grid are widened to it."""
    rule = person.work_rule
    return Worker(
        worker_id=person.employee_id,
        work_rule=work_rule_of(rule, clock.slot_s),
        day_starts=day_starts(month, person.zone_name, clock),
        norm_s=person.norm_s,
        phase=_phase(person, month),
        unavailable=tuple(_unavailable(person, month, clock)),
        off_days=person.off_days,
        night_ban=person.night_ban,
        max_paid_s=person.max_paid_s,
        previous=tuple(_previous(shift, person.queue_id, month, clock) for shift in person.previous),
        committed=tuple(shift_of(shift, month, clock) for shift in person.committed),
        clock_changes=clock_changes(month, person.zone_name, clock),
    )


def shift_of(facts: ShiftFacts, month: Month, clock: SlotClock) -> Shift:
    """Give a stored shift in slots; its day is counted from the first of the month."""
    activities = tuple(
        Activity(ActivityKind(leaf.kind), clock.floor(leaf.start), clock.ceil(leaf.end))
        for leaf in facts.activities
    )
    return Shift(
        worker_id=facts.employee_id,
        day=(facts.local_date - month.first).days,
        start=clock.floor(facts.start),
        end=clock.ceil(facts.end),
        paid=facts.paid_s // clock.slot_s,
        activities=activities,
    )


def _previous(facts: ShiftFacts, queue_id: int, month: Month, clock: SlotClock) -> Shift:
    """Give an earlier shift with its work for this queue only, so that it covers no other queue's demand.

    A shift without leaves would cover with its whole presence; so work for others leaves one of no length.
    """
    own = tuple(leaf for leaf in facts.activities if leaf.queue_id == queue_id)
    if facts.activities and not own:
        own = (replace(facts.activities[0], end=facts.activities[0].start),)
    return shift_of(replace(facts, activities=own), month, clock)


def work_rule_of(rule: WorkRuleFacts, slot_s: int) -> WorkRule:
    """Give a work rule in slots; `DomainError` where it has no shift templates or leaves the grid."""
    letters = set(rule.rotation) - {REST}
    templates = [spec for spec in rule.templates if not letters or spec.letter in letters]
    if not templates:
        raise DomainError(
            Phrase(gettext_noop("Work rule %(code)s has no shift template."), {"code": rule.code})
        )
    try:
        return WorkRule(
            code=rule.code,
            rotation=_rotation(rule),
            windows=tuple(_window(spec, slot_s) for spec in templates),
            breaks=tuple(break_rule_of(facts, slot_s) for facts in rule.breaks),
        )
    except ValueError as error:
        message = _("Work rule %(code)s: %(reason)s") % {"code": rule.code, "reason": error}
        raise DomainError(message) from error


def _rotation(rule: WorkRuleFacts) -> Rotation:
    if rule.rotation:
        return Rotation(RotationKind.CYCLE, pattern=tuple(mark != REST for mark in rule.rotation))
    if len(rule.weekdays) <= rule.max_days_a_week < DAYS_IN_WEEK:
        pattern = tuple(str(weekday) in rule.weekdays for weekday in range(DAYS_IN_WEEK))
        return Rotation(RotationKind.WEEKDAYS, pattern=pattern)
    return Rotation(RotationKind.FLEXIBLE, days_per_week=rule.max_days_a_week)


def _window(spec: TemplateSpec, slot_s: int) -> ShiftWindow:
    return ShiftWindow(
        start_min=_slots(spec.start_from, slot_s),
        start_max=_slots(spec.start_to, slot_s),
        start_step=_slots(spec.start_step, slot_s),
        paid_min=_slots(spec.paid_from, slot_s),
        paid_max=_slots(spec.paid_to, slot_s),
        paid_step=_slots(spec.paid_step, slot_s),
    )


def break_rule_of(facts: BreakFacts, slot_s: int) -> BreakRule:
    """Give a break rule in slots; `ValueError` where it leaves their grid."""
    return BreakRule(
        paid_min=_slots(facts.paid_from, slot_s),
        paid_max=_slots(facts.paid_to, slot_s),
        lunch=_slots(facts.lunch, slot_s),
        lunch_earliest=_slots(facts.lunch_earliest, slot_s),
        lunch_latest=_slots(facts.lunch_latest, slot_s),
        pauses=facts.breaks,
        pause=_slots(facts.break_length, slot_s),
        min_continuous=_slots(facts.min_stretch, slot_s),
        max_continuous=_slots(facts.max_stretch, slot_s),
    )


def _slots(minutes: int, slot_s: int) -> int:
    slots, rest = divmod(minutes * 60, slot_s)
    if rest:
        raise ValueError(f"{minutes} min is not on the grid of {slot_s // 60} min")
    return slots


def _phase(person: PersonFacts, month: Month) -> int | None:
    rotation = person.work_rule.rotation
    if not rotation or person.anchor is None:
        return None
    return (month.first - person.anchor).days % len(rotation)


def _unavailable(person: PersonFacts, month: Month, clock: SlotClock) -> Iterable[Span]:
    for start, end in person.absences:
        yield Span(clock.floor(start), clock.ceil(end))
    closed = [day for day in range(month.n_days) if day not in person.days]
    starts = day_starts(month, person.zone_name, clock)
    for first, last in _runs(closed):
        # a shift of the day before may not run into the day of dismissal or of another queue
        yield Span(starts[first], starts[last + 1])


def _runs(days: list[int]) -> Iterable[tuple[int, int]]:
    """Give the first and last of each run of neighbouring numbers in `days` (in order)."""
    if not days:
        return
    edges = [0, *(index for index, (left, right) in enumerate(pairwise(days), 1) if right != left + 1)]
    for first, after in pairwise([*edges, len(days)]):
        yield days[first], days[after - 1]
