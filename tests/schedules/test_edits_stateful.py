"""Whatever is edited, undone and redone in whatever order, the schedule stays whole and undo is exact."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.accounts.choices import Role
from apps.core.errors import DomainError
from apps.schedules.models import LabourRuleSetting, ScheduleEdit, ScheduleVariant
from apps.schedules.selectors.checking import check_variant
from apps.schedules.selectors.cover import cover_by_queue
from apps.schedules.selectors.edits import changes_of
from apps.schedules.services import editing
from apps.schedules.types import (
    AddShift,
    CopyShift,
    DeleteShift,
    EditOutcome,
    Effect,
    MoveActivity,
    MoveShift,
    PlaceActivity,
    RemoveActivity,
    ResizeShift,
    SplitShift,
    SwapShifts,
    command_data,
    command_from,
)
from tests.factories.accounts import make_user
from tests.schedules.edit_scenes import (
    MONTH,
    answers_in,
    brute_cover,
    check_constraints,
    make_edit_scene,
    stored_findings,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.accounts.models import User
    from apps.schedules.types import Command, ShiftSnapshot
    from tests.schedules.edit_scenes import EditScene

pytestmark = pytest.mark.django_db
FIVE = dt.timedelta(minutes=5)
SHIFT = st.integers(0, 30)
PERSON = st.integers(0, 2)
DAY = st.sampled_from([1, 2, 3, 4, 6, 8, 10, 26, 27, 28, 29, 30, 31])
HOUR = st.sampled_from([0, 6, 7.25, 8, 9, 10 + 5 / 60, 14, 20, 22])
LENGTH = st.sampled_from([4, 6.5, 8.75, 9, 9 + 5 / 60, 10])


class Editing(RuleBasedStateMachine):
    """Two planners edit one variant; each step is checked against what the database holds."""

    scene: EditScene
    planners: list[User]

    @initialize(strict=st.sampled_from([False, False, True]))
    def begin(self, strict: bool) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        if not strict:
            LabourRuleSetting.objects.exclude(code="no_overlap").update(mode="warn")
        self.start = self.state = self.scene.state()
        self.cover = brute_cover(self.scene)
        self.done_by, self.undone_by = [0, 0], [0, 0]

    def teardown(self) -> None:
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @rule(shift=SHIFT, person=PERSON, day=DAY, hour=HOUR, both=st.sampled_from("tpb"), who=st.integers(0, 1))
    def move(self, shift: int, person: int, day: int, hour: float, both: str, who: int) -> None:
        holder = self.scene.people[person]
        start = self.scene.at(holder, day, hour) if both in "tb" else None
        self.edit(who, lambda key: MoveShift(key, start, holder.pk if both in "pb" else None), shift)

    @rule(shift=SHIFT, hour=HOUR, length=LENGTH, who=st.integers(0, 1))
    def resize(self, shift: int, hour: float, length: float, who: int) -> None:
        def asked(key: int) -> Command:
            start = self.state[key].start + dt.timedelta(hours=hour - 9)
            return ResizeShift(key, start, start + dt.timedelta(hours=length))

        self.edit(who, asked, shift)

    @rule(shift=SHIFT, at=st.integers(1, 100), later=st.integers(0, 50), person=st.none() | PERSON)
    def split(self, shift: int, at: int, later: int, person: int | None) -> None:
        def asked(key: int) -> Command:
            begin = self.state[key].start + at * FIVE
            holder = None if person is None else self.scene.people[person].pk
            return SplitShift(key, begin, begin + later * FIVE, holder)

        self.edit(0, asked, shift)

    @rule(first=SHIFT, second=SHIFT, who=st.integers(0, 1))
    def swap(self, first: int, second: int, who: int) -> None:
        def asked(key: int) -> Command:
            holder = self.state[key].employee_id
            others = [pk for pk, shift in self.state.items() if shift.employee_id != holder] or [key]
            return SwapShifts(key, others[second % len(others)])

        self.edit(who, asked, first)

    @rule(shift=SHIFT, person=PERSON, day=DAY, who=st.integers(0, 1))
    def copy(self, shift: int, person: int, day: int, who: int) -> None:
        holder = self.scene.people[person].pk
        self.edit(who, lambda key: CopyShift(key, holder, MONTH.replace(day=day)), shift)

    @rule(shift=SHIFT, who=st.integers(0, 1))
    def delete(self, shift: int, who: int) -> None:
        self.edit(who, DeleteShift, shift)

    @rule(person=PERSON, day=DAY, hour=HOUR, length=LENGTH, who=st.integers(0, 1))
    def add(self, person: int, day: int, hour: float, length: float, who: int) -> None:
        holder = self.scene.people[person]
        start = self.scene.at(holder, day, hour)
        self.edit(who, lambda: AddShift(holder.pk, start, start + dt.timedelta(hours=length)))

    @rule(
        shift=SHIFT,
        kind=st.sampled_from(["work", "lunch", "break"]),
        begin=st.integers(0, 100),
        length=st.integers(1, 12),
        queue=st.none() | st.integers(0, 1),
    )
    def place(self, shift: int, kind: str, begin: int, length: int, queue: int | None) -> None:
        def asked(key: int) -> Command:
            start = self.state[key].start + begin * FIVE
            queue_id = None if queue is None or kind != "work" else self.scene.queues[queue].pk
            return PlaceActivity(key, kind, start, start + length * FIVE, queue_id)

        self.edit(0, asked, shift)

    @rule(shift=SHIFT, which=st.integers(0, 9), begin=st.none() | st.integers(0, 100), who=st.integers(0, 1))
    def move_or_remove_activity(self, shift: int, which: int, begin: int | None, who: int) -> None:
        def asked(key: int) -> Command:
            leaves = self.state[key].activities
            pauses = [leaf for leaf in leaves if leaf.kind != "work"] or leaves
            leaf = pauses[which % len(pauses)]
            if begin is None:
                return RemoveActivity(key, leaf.start)
            return MoveActivity(key, leaf.start, self.state[key].start + begin * FIVE)

        self.edit(who, asked, shift)

    @rule(first=SHIFT, second=SHIFT, person=PERSON, day=DAY)
    def batch(self, first: int, second: int, person: int, day: int) -> None:
        """Move one shift where the other was and copy it: together or not at all."""
        keys = sorted(self.state)
        if keys:
            one, other = keys[first % len(keys)], keys[second % len(keys)]
            holder = self.scene.people[person].pk
            move = MoveShift(one, self.state[other].start, self.state[other].employee_id)
            self.apply(0, [DeleteShift(other), move, CopyShift(one, holder, MONTH.replace(day=day))])

    @precondition(lambda self: any(self.done_by))
    @rule(who=st.integers(0, 1))
    def undo(self, who: int) -> None:
        self.turn(editing.undo, who)

    @precondition(lambda self: any(self.undone_by))
    @rule(who=st.integers(0, 1))
    def redo(self, who: int) -> None:
        self.turn(editing.redo, who)

    @precondition(lambda self: self.done_by[0] > 1)
    @rule()
    def back_and_forth(self) -> None:
        """Undo all that the first planner did, and redo it: the same states, the other way round."""
        states, told = [self.state], [self.answers()]
        variant_id, actor = self.scene.variant.pk, self.planners[0]
        while not isinstance(tried(editing.undo, variant_id=variant_id, actor=actor), DomainError):
            states.append(self.scene.state())
            told.append(self.answers())
        if not ScheduleEdit.objects.filter(actor=self.planners[1]).exists():
            assert states[-1] == self.start
        for state, answers in zip(states[-2::-1], told[-2::-1], strict=True):
            editing.redo(variant_id=variant_id, actor=actor)
            assert self.scene.state() == state
            assert self.answers() == answers

    def edit(self, who: int, asked: Callable[..., Command], *places: int) -> None:
        keys = sorted(self.state)
        if keys or not places:
            self.apply(who, [asked(*(keys[place % len(keys)] for place in places))])

    def apply(self, who: int, commands: list[Command]) -> None:
        commands = [command_from(command_data(command)) for command in commands]
        asked: dict[str, Any] = {
            "variant_id": self.scene.variant.pk,
            "commands": commands,
            "actor": self.planners[who],
            "expected": {key: shift.revision for key, shift in self.state.items()},
        }
        shown, before = tried(editing.preview, **asked), self.answers()
        done = tried(editing.apply, **asked)
        if isinstance(done, EditOutcome):
            self.undone_exactly(done, before)
            assert shown == done.effect
            assert not done.effect.is_refused
            self.done_by[who] += 1
            self.undone_by[who] = 0
            self.done(done)
            return
        assert self.scene.state() == self.state
        if isinstance(shown, Effect):
            assert shown.is_refused
            assert done.code == "rule_broken"
            assert done.extra["effect"] == shown.as_data()
        else:
            assert shown.fields == done.fields

    def answers(self) -> Counter[tuple[Any, ...]]:
        return answers_in(self.scene.variant)

    def undone_exactly(self, done: EditOutcome, before: Counter[tuple[Any, ...]]) -> None:
        """Check that undo would give back who answered for which finding, of the touched people."""
        touched = {hours.employee_id for hours in done.effect.hours}

        def of_touched(answers: Counter[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
            return sorted((row for row in answers.elements() if row[0] in touched), key=str)

        known = {row[0] for row in before}  # of the others nothing was stored before their first edit
        after = self.answers()
        with transaction.atomic():
            edit = {"variant_id": self.scene.variant.pk, "actor": None, "edit_id": done.edit_id}
            editing.undo(**edit)
            if touched <= known:
                assert of_touched(self.answers()) == of_touched(before)
            editing.redo(**edit)
            assert of_touched(self.answers()) == of_touched(after)
            transaction.set_rollback(True)

    def turn(self, function: Callable[..., EditOutcome], who: int) -> None:
        outcome = tried(function, variant_id=self.scene.variant.pk, actor=self.planners[who])
        if isinstance(outcome, DomainError):
            assert self.scene.state() == self.state
            assert outcome.status in {409, 412}
            nothing = (self.done_by if function is editing.undo else self.undone_by)[who] == 0
            assert ("nothing to" in outcome.message) == nothing
            return
        step = 1 if function is editing.redo else -1
        self.done_by[who] += step
        self.undone_by[who] -= step
        turned = ScheduleEdit.objects.get(pk=outcome.edit_id).reverses
        assert turned is not None
        wanted = dict(self.state)
        for change in changes_of(turned):
            side = change.before if function is editing.undo else change.after
            wanted.pop(change.shift_id, None)
            if side is not None:
                wanted[change.shift_id] = side
        assert self.scene.state() == wanted  # all fields and activities, the revision too
        self.done(outcome)

    def done(self, outcome: EditOutcome) -> None:
        """Check that the effect that was told is the difference between the databases before and after."""
        before, self.state = self.state, self.scene.state()
        cover, self.cover = self.cover, brute_cover(self.scene)
        told = {(slot.queue_id, slot.start): (slot.before, slot.after) for slot in outcome.effect.cover}
        start, slot_s = self.scene.variant.start, dt.timedelta(minutes=15)
        seen = {
            (queue_id, start + place * slot_s): (old, new)
            for queue_id, counts in self.cover.items()
            for place, (old, new) in enumerate(zip(cover[queue_id], counts, strict=True))
            if old != new
        }
        assert told == seen
        for hours in outcome.effect.hours:
            assert hours.before_s == _paid(before, hours.employee_id)
            assert hours.after_s == _paid(self.state, hours.employee_id)
        assert {shift.shift_id: shift for shift in outcome.shifts}.items() <= self.state.items()
        assert not set(outcome.removed) & self.state.keys()

    @invariant()
    def shifts_are_whole(self) -> None:
        if not hasattr(self, "state"):
            return
        check_constraints()
        last: dict[int, dt.datetime] = {}
        for shift in sorted(self.state.values(), key=lambda shift: shift.start):
            assert last.get(shift.employee_id, shift.start) <= shift.start
            last[shift.employee_id] = shift.end
            edges = [shift.start, *(leaf.end for leaf in shift.activities)]
            assert edges == [*(leaf.start for leaf in shift.activities), shift.end]
            holder = next(person for person in self.scene.people if person.pk == shift.employee_id)
            assert shift.local_date == shift.start.astimezone(self.scene.zone(holder)).date()

    @invariant()
    def findings_and_cover_are_those_of_a_fresh_check(self) -> None:
        if not hasattr(self, "state"):
            return
        variant = ScheduleVariant.objects.select_related("group").get(pk=self.scene.variant.pk)
        touched = {employee_id for edit in variant.edit_log.all() for employee_id in _people(edit)}
        fresh = Counter(
            (f.employee_id, f.code, f.key, f.mode, f.start, f.end, f.measured, f.limit, f.unit)
            for f in check_variant(variant.pk)
            if f.employee_id in touched
        )
        assert stored_findings(variant) == fresh
        covers = cover_by_queue(variant)
        assert {queue_id: covers[queue_id].scheduled.tolist() for queue_id in self.cover} == self.cover

    @invariant()
    def the_log_leads_from_the_plan_to_now(self) -> None:
        if not hasattr(self, "state"):
            return
        replayed = dict(self.start)
        numbers = []
        for edit in ScheduleEdit.objects.filter(variant=self.scene.variant).order_by("number"):
            numbers.append(edit.number)
            for change in changes_of(edit):
                assert replayed.pop(change.shift_id, None) == change.before
                if change.after is not None:
                    replayed[change.shift_id] = change.after
        assert replayed == self.state
        assert numbers == list(range(1, len(numbers) + 1))


def _people(edit: ScheduleEdit) -> set[int]:
    return {side.employee_id for change in changes_of(edit) for side in change.sides}


def _paid(state: dict[int, ShiftSnapshot], employee_id: int) -> int:
    return sum(shift.paid_s for shift in state.values() if shift.employee_id == employee_id)


def tried(function: Callable[..., Any], **asked: Any) -> Any:
    """Give the result, or the refusal."""
    try:
        return function(**asked)
    except DomainError as refusal:
        return refusal


def test_any_sequence_of_edits_undos_and_redos() -> None:
    scene = Editing.scene = make_edit_scene()
    Editing.planners = [make_user(Role.PLANNER), make_user(Role.PLANNER)]
    for index, person in enumerate(scene.people):
        for day in (1, 2, 4, 27, 28, 31):
            if (day + index) % 3:
                scene.add(person, day)
    run_state_machine_as_test(
        Editing,
        settings=settings(
            max_examples=6,
            stateful_step_count=15,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
