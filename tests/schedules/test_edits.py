"""Editing a schedule: what each command does and is refused for, at the edges of days, months and clocks."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError, StaleError
from apps.core.models import OutboxEvent
from apps.schedules.choices import EditState, RuleSpan, VariantState
from apps.schedules.errors import RuleBrokenError
from apps.schedules.models import LabourRuleSetting, RuleViolation, ScheduleEdit, ShiftChange
from apps.schedules.selectors.edits import shift_history, undo_state
from apps.schedules.selectors.snapshots import shift_snapshot, shifts_on
from apps.schedules.services import editing
from apps.schedules.types import (
    AddShift,
    CopyShift,
    DeleteShift,
    MoveActivity,
    MoveShift,
    PlaceActivity,
    RemoveActivity,
    ResizeShift,
    SplitShift,
    SwapShifts,
)
from apps.staffing.models import RequirementPoint
from tests.factories.accounts import make_user
from tests.factories.organization import make_department, make_employee
from tests.factories.schedules import make_absence, make_variant
from tests.schedules.edit_scenes import MONTH, check_constraints, make_edit_scene, turn_last

if TYPE_CHECKING:
    from django.test import Client

    from apps.schedules.models import Shift
    from apps.schedules.types import ActivityFacts, Command, EditOutcome, ShiftSnapshot
    from tests.schedules.edit_scenes import EditScene

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def scene() -> EditScene:
    return make_edit_scene()


def apply(scene: EditScene, *commands: Command, **facts: Any) -> EditOutcome:
    asked: dict[str, Any] = {"variant_id": scene.variant.pk, "commands": commands, "actor": None} | facts
    outcome = editing.apply(**asked)
    check_constraints()
    return outcome


def now(shift: Shift) -> ShiftSnapshot:
    found = shift_snapshot(shift.pk)
    assert found is not None
    return found


def kinds(shift: ShiftSnapshot) -> list[tuple[str, int]]:
    return [(leaf.kind, int((leaf.end - leaf.start) / MINUTE)) for leaf in shift.activities]


def lunch_of(shift: ShiftSnapshot) -> ActivityFacts:
    return next(leaf for leaf in shift.activities if leaf.kind == "lunch")


def warn(*codes: str) -> None:
    LabourRuleSetting.objects.filter(code__in=codes).update(mode="warn")


def test_a_shift_moves_with_what_is_in_it(scene: EditScene) -> None:
    shift = scene.add(scene.people[0], 3)
    before = now(shift)
    outcome = apply(scene, MoveShift(shift.pk, start=shift.start + 24.5 * HOUR))
    after = now(shift)
    assert after.local_date == dt.date(2027, 3, 4)
    assert kinds(after) == kinds(before)
    assert after.activities[0].start == after.start == before.start + 24.5 * HOUR
    assert (after.paid_s, after.revision) == (before.paid_s, outcome.edit_id)


def test_a_shift_goes_to_another_person_of_another_zone_and_queue(scene: EditScene) -> None:
    """From 20 o'clock in Berlin: in Vladivostok it is the next day, and work is for that person's queue."""
    giver, _other, taker = scene.people
    shift = scene.add(giver, 3, hour=20)
    apply(scene, MoveShift(shift.pk, employee_id=taker.pk))
    after = now(shift)
    assert (after.start, after.local_date) == (shift.start, dt.date(2027, 3, 4))
    assert {leaf.queue_id for leaf in after.activities} == {scene.queues[1].pk, None}


def test_a_shift_over_midnight_belongs_to_the_day_it_begins_on(scene: EditScene) -> None:
    person = scene.people[1]
    shift = scene.add(person, 3, hour=22)
    assert now(shift).local_date == dt.date(2027, 3, 3)
    apply(scene, MoveShift(shift.pk, start=scene.at(person, 4, 0)))
    assert now(shift).local_date == dt.date(2027, 3, 4)
    apply(scene, MoveShift(shift.pk, start=scene.at(person, 4, -1 / 12)))
    assert now(shift).local_date == dt.date(2027, 3, 3)


def test_the_month_is_that_of_the_persons_clock(scene: EditScene) -> None:
    """March begins in Vladivostok while it is February in Berlin, and ends earlier too."""
    person = scene.people[2]
    shift = scene.add(person, 3)
    start = scene.at(person, 1, 0)
    assert start < scene.variant.start
    apply(scene, MoveShift(shift.pk, start=start))
    assert now(shift).local_date == MONTH
    last = scene.at(person, 31, 23.75)
    outcome = apply(scene, MoveShift(shift.pk, start=last))
    assert all(slot.start < scene.variant.end for slot in outcome.effect.cover)
    for outside in (start - 5 * MINUTE, last + 0.25 * HOUR):
        with pytest.raises(DomainError) as refusal:
            apply(scene, MoveShift(shift.pk, start=outside))
        assert list(refusal.value.fields) == ["start"]


def test_a_night_shift_is_as_long_when_clocks_go_forward(scene: EditScene) -> None:
    """On 28 March an hour is left out in Berlin: the same hours of presence end one later by the clock."""
    person = scene.people[0]
    warn("night_ban", "daily_rest", "no_two_shifts_in_row")
    shift = scene.add(person, 20, hour=22)
    apply(scene, CopyShift(shift.pk, person.pk, dt.date(2027, 3, 27)))
    (copy,) = shifts_on(scene.variant, person.pk, dt.date(2027, 3, 27))
    zone = scene.zone(person)
    assert copy.end - copy.start == shift.end - shift.start
    assert copy.start.astimezone(zone).time() == dt.time(22)
    assert shift.end.astimezone(zone).time() == dt.time(6, 45)
    assert copy.end.astimezone(zone).time() == dt.time(7, 45)


def test_a_copy_begins_at_the_hour_that_there_is(scene: EditScene) -> None:
    """Half past two does not exist in Berlin on 28 March: the copy begins at half past three."""
    person = scene.people[0]
    shift = scene.add(person, 20, hour=2.5)
    warn("night_ban")
    apply(scene, CopyShift(shift.pk, person.pk, dt.date(2027, 3, 28)))
    (copy,) = shifts_on(scene.variant, person.pk, dt.date(2027, 3, 28))
    assert copy.start.astimezone(scene.zone(person)).time() == dt.time(3, 30)


def test_a_copy_keeps_the_hours_of_the_other_persons_clock(scene: EditScene) -> None:
    giver, _other, taker = scene.people
    shift = scene.add(giver, 3)
    apply(scene, CopyShift(shift.pk, taker.pk, dt.date(2027, 3, 5)))
    (copy,) = shifts_on(scene.variant, taker.pk, dt.date(2027, 3, 5))
    assert copy.start == scene.at(taker, 5, 9)
    assert now(shift).revision == 0


def test_other_hours_are_laid_anew_by_the_break_rules(scene: EditScene) -> None:
    shift = scene.add(scene.people[0], 3)
    apply(scene, ResizeShift(shift.pk, shift.start, shift.start + 5.5 * HOUR))
    after = now(shift)
    assert after.paid_s == 5 * 3600
    assert sorted(kind for kind, _length in kinds(after)) == ["break", "lunch", "work", "work", "work"]
    assert not RuleViolation.objects.filter(code="lunch_and_breaks").exists()


def test_breaks_lie_where_nobody_is_missed(scene: EditScene) -> None:
    """Nobody is required from one to two: the lunch goes there, though an even spread begins it at noon."""
    person = scene.people[0]
    start, one = scene.at(person, 3, 9), scene.at(person, 3, 13)
    command = AddShift(person.pk, start, start + 8.75 * HOUR)
    (made,) = apply(scene, command).shifts
    assert lunch_of(made).start == one - HOUR
    turn_last(scene.variant)
    RequirementPoint.objects.filter(start=one).update(required=0)
    (made,) = apply(scene, command).shifts
    assert one <= lunch_of(made).start <= one + 15 * MINUTE


def test_a_new_shift_off_the_quarter_is_laid_on_five_minutes(scene: EditScene) -> None:
    person = scene.people[0]
    start = scene.at(person, 3, 9) + 5 * MINUTE
    (made,) = apply(scene, AddShift(person.pk, start, start + 8.75 * HOUR)).shifts
    assert made.paid_s == 8 * 3600
    assert sum(length for kind, length in kinds(made) if kind == "lunch") == 45
    assert shift_snapshot(made.shift_id) == made


def test_a_shift_is_split_between_two_people(scene: EditScene) -> None:
    giver, taker, _other = scene.people
    shift = scene.add(giver, 3)
    outcome = apply(scene, SplitShift(shift.pk, at=shift.start + 4 * HOUR, employee_id=taker.pk))
    first, second = outcome.shifts
    if first.shift_id != shift.pk:
        first, second = second, first
    assert (first.start, first.end, first.employee_id) == (shift.start, shift.start + 4 * HOUR, giver.pk)
    assert (second.start, second.end, second.employee_id) == (first.end, shift.end, taker.pk)


def test_the_second_part_may_be_later_and_keeps_its_length(scene: EditScene) -> None:
    warn("no_two_shifts_in_row", "daily_rest")
    shift = scene.add(scene.people[0], 3)
    apply(scene, SplitShift(shift.pk, at=shift.start + 4 * HOUR, resume=shift.start + 6 * HOUR))
    parts = shifts_on(scene.variant, scene.people[0].pk, dt.date(2027, 3, 3))
    assert [part.end - part.start for part in parts] == [4 * HOUR, 4.75 * HOUR]
    assert parts[1].start == shift.start + 6 * HOUR
    assert RuleViolation.objects.get(code="no_two_shifts_in_row").key.endswith("same_day")


def test_people_swap_shifts_at_the_same_time(scene: EditScene) -> None:
    first, second = scene.add(scene.people[0], 3, hour=9), scene.add(scene.people[1], 3, hour=11)
    assert first.start == second.start
    outcome = apply(scene, SwapShifts(first.pk, second.pk))
    assert now(first).employee_id == scene.people[1].pk
    assert now(second).employee_id == scene.people[0].pk
    assert outcome.effect.cover == ()  # both work in one queue
    check_constraints()


def test_activities_are_placed_moved_and_removed(scene: EditScene) -> None:
    warn("lunch_and_breaks")
    shift = scene.add(scene.people[0], 3)
    at = shift.start
    apply(scene, PlaceActivity(shift.pk, "break", at + HOUR, at + 1.25 * HOUR))
    assert kinds(now(shift))[:5] == [("work", 60), ("break", 15), ("work", 30), ("break", 15), ("work", 75)]
    apply(scene, RemoveActivity(shift.pk, at + HOUR))
    assert kinds(now(shift))[:2] == [("work", 105), ("break", 15)]
    lunch = lunch_of(now(shift))
    apply(scene, MoveActivity(shift.pk, activity_start=lunch.start, start=lunch.start + 30 * MINUTE))
    assert kinds(now(shift))[2:5] == [("work", 105), ("lunch", 45), ("work", 60)]
    apply(scene, PlaceActivity(shift.pk, "lunch", at, at + HOUR))
    assert now(shift).paid_s == shift.paid_s - 3600
    apply(scene, PlaceActivity(shift.pk, "work", shift.start, shift.end))
    assert kinds(now(shift)) == [("work", 525)]


def test_work_may_be_for_another_queue_of_the_person(scene: EditScene) -> None:
    helper = scene.people[2]
    shift = scene.add(helper, 3)
    other = scene.queues[0].pk
    outcome = apply(scene, PlaceActivity(shift.pk, "work", shift.start, shift.start + HOUR, queue_id=other))
    assert now(shift).activities[0].queue_id == other
    assert {slot.queue_id for slot in outcome.effect.cover} == {queue.pk for queue in scene.queues}
    mine = scene.add(scene.people[0], 3)
    with pytest.raises(DomainError) as refusal:
        command = PlaceActivity(mine.pk, "work", mine.start, mine.end, queue_id=scene.queues[1].pk)
        apply(scene, command)
    assert list(refusal.value.fields) == ["queue_id"]


def test_the_effect_tells_cover_hours_and_what_is_mended(scene: EditScene) -> None:
    person = scene.people[0]
    shift = scene.add(person, 1)  # after the night shift of February
    planner = make_user(Role.PLANNER)
    effect = editing.preview(variant_id=scene.variant.pk, commands=[DeleteShift(shift.pk)], actor=planner)
    assert {finding.code for finding in effect.mended} == {"daily_rest", "no_two_shifts_in_row"}
    assert "art. 107" in next(finding.text for finding in effect.mended if finding.code == "daily_rest")
    assert [(hours.before_s, hours.after_s) for hours in effect.hours] == [(8 * 3600, 0)]
    lost = [(slot.required, slot.before, slot.after) for slot in effect.cover]
    assert set(lost) == {(2, 1, 0)}
    assert len(lost) == 29  # quarters of an hour at work
    assert effect.under_after_s - effect.under_before_s == 29 * 900
    assert not ScheduleEdit.objects.exists()


def test_what_was_broken_before_may_be_eased_but_not_made_worse(scene: EditScene) -> None:
    """The night shift of February ends at 6:00: a shift at 9 rests 3 h, and 12 are due."""
    shift = scene.add(scene.people[0], 1)
    eased = apply(scene, MoveShift(shift.pk, start=shift.start + HOUR))
    assert {f.code for f in eased.effect.broken} == {"daily_rest", "no_two_shifts_in_row"}
    assert not any(f.is_new or f.is_worse for f in eased.effect.broken)
    with pytest.raises(RuleBrokenError) as refusal:
        apply(scene, MoveShift(shift.pk, start=shift.start))
    assert {finding["code"] for finding in refusal.value.extra["violations"]} == {
        "daily_rest",
        "no_two_shifts_in_row",
    }
    turn_last(scene.variant)  # back to what was worse: that had been there
    assert now(shift).start == shift.start


def test_what_warns_passes_and_names_who_allowed_it(scene: EditScene) -> None:
    warn("daily_rest")
    planner = make_user(Role.PLANNER)
    person = scene.people[0]
    first, second = scene.add(person, 3), scene.add(person, 4)
    outcome = apply(scene, MoveShift(second.pk, start=first.end + 7 * HOUR), actor=planner)
    found = RuleViolation.objects.get(code="daily_rest")
    assert (found.allowed_by, found.edit_id) == (planner, outcome.edit_id)
    assert found.allowed_at is not None
    assert ScheduleEdit.objects.get().allowed[0]["measured"] == 7 * 3600
    third = scene.add(person, 10)
    apply(scene, MoveShift(third.pk, start=third.start + HOUR))
    found = RuleViolation.objects.get(code="daily_rest")
    assert (found.allowed_by, found.edit_id) == (planner, outcome.edit_id)  # nobody else let it pass


def test_rules_of_planning_only_warn(scene: EditScene) -> None:
    LabourRuleSetting.objects.filter(code="daily_rest").update(span=RuleSpan.PLANNING)
    person = scene.people[0]
    first, second = scene.add(person, 3), scene.add(person, 4)
    outcome = apply(scene, MoveShift(second.pk, start=first.end + 7 * HOUR))
    assert [(finding.code, finding.mode) for finding in outcome.effect.broken] == [("daily_rest", "warn")]
    assert RuleViolation.objects.get(code="daily_rest").mode == "hard"  # as a check of the variant finds it


def test_a_month_that_grows_short_is_told_but_not_refused(scene: EditScene) -> None:
    scene.variant.people.update(reachable_s=None)
    shift = scene.add(scene.people[0], 3)
    outcome = apply(scene, DeleteShift(shift.pk))
    (finding,) = outcome.effect.broken
    assert (finding.code, finding.mode, finding.is_worse) == ("month_norm", "warn", True)


def test_an_absence_refuses(scene: EditScene) -> None:
    shift = scene.add(scene.people[0], 3)
    make_absence(scene.people[0], dt.date(2027, 3, 5), dt.date(2027, 3, 6), zone="Europe/Berlin")
    with pytest.raises(RuleBrokenError, match="absence"):
        apply(scene, MoveShift(shift.pk, start=shift.start + 48 * HOUR))


def test_the_database_keeps_what_the_rules_were_told_to_ignore() -> None:
    scene = make_edit_scene(VariantState.PUBLISHED)
    LabourRuleSetting.objects.filter(code__in=["absence", "no_overlap", "no_two_shifts_in_row"]).update(
        mode="ignore"
    )
    warn("daily_rest")
    person = scene.people[0]
    shift, other = scene.add(person, 3), scene.add(person, 5)
    make_absence(person, dt.date(2027, 3, 8), dt.date(2027, 3, 8), zone="Europe/Berlin")
    with pytest.raises(ConflictError, match="absent"):
        apply(scene, MoveShift(shift.pk, start=scene.at(person, 8, 9)))
    with pytest.raises(ConflictError, match="two shifts at once"):
        apply(scene, MoveShift(shift.pk, start=other.start + HOUR))
    with pytest.raises(ConflictError, match="another published shift"):
        apply(scene, MoveShift(shift.pk, start=scene.at(person, 1, 0)))
    assert now(shift).revision == 0


def test_neighbouring_months_count(scene: EditScene) -> None:
    """April is published and begins at 8: the last evening of March leaves no rest before it."""
    person = scene.people[1]
    after = make_variant(scene.variant.group, dt.date(2027, 4, 1), state=VariantState.PUBLISHED)
    march, scene.variant = scene.variant, after
    scene.add(person, 31, hour=24 + 8)
    scene.variant = march
    shift = scene.add(person, 31)
    with pytest.raises(RuleBrokenError, match="Rest between shifts"):
        apply(scene, MoveShift(shift.pk, start=scene.at(person, 31, 15)))


def bad_commands(scene: EditScene, shift: Shift) -> list[tuple[Command, str]]:
    person, start, end = scene.people[0].pk, shift.start, shift.end
    stranger = make_employee().pk
    lunch = lunch_of(now(shift)).start
    return [
        (MoveShift(2**62, start=start), "shift_id"),
        (MoveShift(shift.pk), "start"),
        (MoveShift(shift.pk, start=start + MINUTE), "start"),
        (MoveShift(shift.pk, start=start + dt.timedelta(microseconds=1)), "start"),
        (MoveShift(shift.pk, start=start.replace(tzinfo=None)), "start"),
        (MoveShift(shift.pk, start=start + 40 * 24 * HOUR), "start"),
        (MoveShift(shift.pk, employee_id=stranger), "employee_id"),
        (MoveShift(shift.pk, employee_id=2**62), "employee_id"),
        (ResizeShift(shift.pk, end, start), "end"),
        (ResizeShift(shift.pk, start, start), "end"),
        (ResizeShift(shift.pk, start, start + 25 * HOUR), "end"),
        (ResizeShift(shift.pk, start, end + 2 * MINUTE), "end"),
        (SplitShift(shift.pk, at=start), "at"),
        (SplitShift(shift.pk, at=end), "at"),
        (SplitShift(shift.pk, at=start + 4 * HOUR), "resume"),
        (SplitShift(shift.pk, at=start + 4 * HOUR, resume=start + HOUR), "resume"),
        (SplitShift(shift.pk, at=start + 4 * HOUR, employee_id=stranger), "employee_id"),
        (SwapShifts(shift.pk, shift.pk), "second_id"),
        (SwapShifts(shift.pk, 2**62), "second_id"),
        (SwapShifts(2**62, shift.pk), "first_id"),
        (CopyShift(shift.pk, stranger, MONTH), "employee_id"),
        (CopyShift(shift.pk, person, dt.date(2027, 4, 1)), "local_date"),
        (CopyShift(shift.pk, person, dt.date(2027, 2, 28)), "local_date"),
        (DeleteShift(2**62), "shift_id"),
        (AddShift(stranger, start, end), "employee_id"),
        (AddShift(person, end, start), "end"),
        (AddShift(person, start + MINUTE, end), "start"),
        (PlaceActivity(shift.pk, "dance", start, end), "activity_kind"),
        (PlaceActivity(shift.pk, "lunch", start - HOUR, end), "start"),
        (PlaceActivity(shift.pk, "lunch", start, end + HOUR), "end"),
        (PlaceActivity(shift.pk, "lunch", end, start), "end"),
        (PlaceActivity(shift.pk, "lunch", start, end, queue_id=scene.queues[0].pk), "queue_id"),
        (PlaceActivity(shift.pk, "work", start, end, queue_id=2**62), "queue_id"),
        (MoveActivity(shift.pk, start + MINUTE, start), "activity_start"),
        (MoveActivity(shift.pk, start, start + HOUR), "activity_start"),
        (MoveActivity(shift.pk, lunch, end), "start"),
        (MoveActivity(shift.pk, lunch, start - HOUR), "start"),
        (RemoveActivity(shift.pk, start), "activity_start"),
        (RemoveActivity(shift.pk, end), "activity_start"),
    ]


def test_bad_commands_are_refused_by_field_and_change_nothing(scene: EditScene) -> None:
    shift, other = scene.add(scene.people[0], 3), scene.add(scene.people[1], 3)
    state = scene.state()
    for command, field in bad_commands(scene, shift):
        with pytest.raises(DomainError) as refusal:
            editing.preview(variant_id=scene.variant.pk, commands=[command], actor=None)
        assert list(refusal.value.fields) == [field], command
        with pytest.raises(DomainError) as refusal:
            apply(scene, MoveShift(other.pk, start=other.start + HOUR), command)
        assert list(refusal.value.fields) == [f"commands.1.{field}"], command
    assert scene.state() == state
    assert not ScheduleEdit.objects.exists()


def test_a_shift_of_another_variant_is_unknown(scene: EditScene) -> None:
    other = make_edit_scene()
    shift = other.add(other.people[0], 3)
    with pytest.raises(DomainError, match="no shift") as refusal:
        apply(scene, DeleteShift(shift.pk))
    assert list(refusal.value.fields) == ["shift_id"]


def test_an_edit_that_changes_nothing_is_refused(scene: EditScene) -> None:
    shift = scene.add(scene.people[0], 3)
    for command in (MoveShift(shift.pk, start=shift.start), ResizeShift(shift.pk, shift.start, shift.end)):
        with pytest.raises(DomainError, match="Nothing would change"):
            apply(scene, command)
    for commands in ([], [DeleteShift(shift.pk)] * 201):
        with pytest.raises(DomainError) as refusal:
            apply(scene, *commands)
        assert list(refusal.value.fields) == ["commands"]
    for facts in ({"source": "rumour"}, {"reason": "x" * 301}, {"reason": "\0"}):
        with pytest.raises(DomainError) as refusal:
            apply(scene, DeleteShift(shift.pk), **facts)
        assert list(refusal.value.fields) == list(facts)


def test_who_edits(scene: EditScene) -> None:
    shift = scene.add(scene.people[0], 3)
    command = MoveShift(shift.pk, start=shift.start + HOUR)
    with pytest.raises(NotAllowedError):
        apply(scene, command, actor=make_user(Role.EMPLOYEE))
    with pytest.raises(NotFoundError):
        apply(scene, command, actor=make_user(Role.SUPERVISOR, department=make_department()))
    with pytest.raises(NotFoundError):
        apply(scene, command, variant_id=2**62)
    scene.variant.state = VariantState.ARCHIVED
    scene.variant.save()
    with pytest.raises(ConflictError, match="archived"):
        apply(scene, command)
    with pytest.raises(ConflictError, match="archived"):
        editing.undo(variant_id=scene.variant.pk, actor=None)


def test_a_stale_edit_is_told_the_newer_state(scene: EditScene) -> None:
    shift, gone = scene.add(scene.people[0], 3), scene.add(scene.people[0], 5)
    expected = {shift.pk: 0, gone.pk: 0}
    apply(scene, MoveShift(shift.pk, start=shift.start + HOUR), DeleteShift(gone.pk), expected=expected)
    for function in (editing.preview, editing.apply):
        with pytest.raises(StaleError) as refusal:
            command = MoveShift(shift.pk, start=shift.start + 2 * HOUR)
            function(variant_id=scene.variant.pk, commands=[command], actor=None, expected=expected)
        assert refusal.value.extra["current"] == [now(shift).as_data()]
        assert refusal.value.extra["gone"] == [gone.pk]


def test_undo_and_redo_are_ones_own(scene: EditScene) -> None:
    shift = scene.add(scene.people[0], 3)
    one, other = make_user(Role.PLANNER), make_user(Role.PLANNER)
    before = now(shift)
    apply(scene, MoveShift(shift.pk, start=shift.start + HOUR), actor=one)
    moved = now(shift)
    with pytest.raises(ConflictError, match="nothing to undo"):
        editing.undo(variant_id=scene.variant.pk, actor=other)
    apply(scene, MoveShift(shift.pk, start=shift.start + 2 * HOUR), actor=other)
    with pytest.raises(StaleError) as refusal:
        editing.undo(variant_id=scene.variant.pk, actor=one)
    assert refusal.value.extra["current"] == [now(shift).as_data()]
    editing.undo(variant_id=scene.variant.pk, actor=other)
    assert now(shift) == moved
    editing.undo(variant_id=scene.variant.pk, actor=one)
    assert now(shift) == before
    state = undo_state(scene.variant.pk, one)
    assert state.undo is None
    assert state.redo is not None
    editing.redo(variant_id=scene.variant.pk, actor=one)
    assert now(shift) == moved


def test_a_new_edit_discards_what_was_undone(scene: EditScene) -> None:
    shift = scene.add(scene.people[0], 3)
    planner = make_user(Role.PLANNER)
    apply(scene, MoveShift(shift.pk, start=shift.start + HOUR), actor=planner)
    editing.undo(variant_id=scene.variant.pk, actor=planner)
    apply(scene, MoveShift(shift.pk, start=shift.start + 2 * HOUR), actor=planner)
    with pytest.raises(ConflictError, match="nothing to redo"):
        editing.redo(variant_id=scene.variant.pk, actor=planner)
    states = ScheduleEdit.objects.order_by("number").values_list("state", flat=True)
    assert list(states) == [EditState.DISCARDED, EditState.DONE, EditState.DONE]


def test_a_deleted_shift_comes_back_with_its_id(scene: EditScene) -> None:
    shift = scene.add(scene.people[0], 3)
    before = now(shift)
    apply(scene, DeleteShift(shift.pk))
    turn_last(scene.variant)
    assert now(shift) == before


def test_what_was_undone_may_no_longer_be_lawful(scene: EditScene) -> None:
    shift = scene.add(scene.people[0], 3)
    apply(scene, MoveShift(shift.pk, start=shift.start + 48 * HOUR))
    make_absence(scene.people[0], dt.date(2027, 3, 3), dt.date(2027, 3, 3), zone="Europe/Berlin")
    with pytest.raises(RuleBrokenError):
        turn_last(scene.variant)


def test_published_shifts_stay_published_through_undo() -> None:
    """A draft's edit is undone after publication: the shift that comes back is published."""
    scene = make_edit_scene()
    shift = scene.add(scene.people[0], 3)
    apply(scene, DeleteShift(shift.pk))
    scene.variant.state = VariantState.PUBLISHED
    scene.variant.save(update_fields=["state"])
    turn_last(scene.variant)
    assert scene.variant.shifts.get().is_published
    apply(scene, MoveShift(shift.pk, start=shift.start + HOUR))
    assert scene.variant.shifts.get().is_published


def test_an_edit_is_audited_told_and_kept(scene: EditScene) -> None:
    planner = make_user(Role.PLANNER)
    shift = scene.add(scene.people[0], 3)
    outcome = apply(scene, MoveShift(shift.pk, start=shift.start + HOUR), actor=planner, reason="asked")
    entry = AuditEntry.objects.get(action="schedule.move")
    assert entry.actor_id == planner.pk
    assert entry.before[str(shift.pk)]["revision"] == 0
    assert entry.after["shifts"][str(shift.pk)]["revision"] == outcome.edit_id
    event = OutboxEvent.objects.get(type="schedule.changed")
    assert event.data["employees"] == [scene.people[0].pk]
    assert event.data["is_published"] is False
    assert len(event.data["spans"]) == 1
    (told,) = shift_history(ShiftChange.objects.filter(shift_id=shift.pk))
    assert (told.kind, told.reason, told.actor) == ("move", "asked", str(planner))
    assert told.before is not None
    assert told.before.start == shift.start


def test_the_log_is_written_once(scene: EditScene) -> None:
    shift = scene.add(scene.people[0], 3)
    apply(scene, MoveShift(shift.pk, start=shift.start + HOUR))
    for rows, change in (
        (ScheduleEdit.objects.all(), {"reason": "another"}),
        (ShiftChange.objects.all(), {"after": None}),
    ):
        with pytest.raises(IntegrityError, match="written already"), transaction.atomic():
            rows.update(**change)


def test_as_many_queries_for_few_shifts_as_for_many(scene: EditScene) -> None:
    person, other = scene.people[:2]
    planner = make_user(Role.PLANNER)
    shift = scene.add(person, 3)
    apply(scene, MoveShift(shift.pk, start=shift.start + HOUR), actor=planner)
    with CaptureQueriesContext(connection) as few:
        apply(scene, MoveShift(shift.pk, start=shift.start), actor=planner)
    for day in (9, 11, 15, 18, 22, 25):
        scene.add(person, day)
        scene.add(other, day)
    with CaptureQueriesContext(connection) as many:
        apply(scene, MoveShift(shift.pk, start=shift.start + HOUR), actor=planner)
    assert len(few) == len(many) <= 65


def test_the_admin_shows_the_log_and_lets_nobody_change_it(scene: EditScene, client: Client) -> None:
    shift = scene.add(scene.people[0], 3)
    outcome = apply(scene, MoveShift(shift.pk, start=shift.start + HOUR))
    client.force_login(make_user(Role.ADMIN, is_staff=True, is_superuser=True))
    listed = client.get(reverse("admin:schedules_scheduleedit_changelist"))
    assert [row.pk for row in listed.context["cl"].queryset] == [outcome.edit_id]
    address = reverse("admin:schedules_scheduleedit_change", args=[outcome.edit_id])
    page = client.get(address)
    assert page.status_code == 200
    assert f"{shift.pk}" in page.content.decode()
    assert client.post(address, {"reason": "another"}).status_code == 403
    assert client.post(reverse("admin:schedules_scheduleedit_add"), {}).status_code == 403
