"""Editors who meet: some serial outcome, no lost update, no deadlock."""

from __future__ import annotations

import datetime as dt
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

from apps.accounts.choices import Role
from apps.core.errors import ConflictError, DomainError, StaleError
from apps.schedules.choices import EditState, VariantState
from apps.schedules.errors import RuleBrokenError
from apps.schedules.models import RuleViolation, ScheduleEdit, ScheduleVariant, Shift
from apps.schedules.selectors.checking import check_variant
from apps.schedules.selectors.cover import cover_by_queue
from apps.schedules.selectors.edits import changes_of
from apps.schedules.selectors.snapshots import snapshots
from apps.schedules.services import editing, measuring, publishing
from apps.schedules.services.editing import applying, touching
from apps.schedules.services.publishing import publish_variant
from apps.schedules.types import DeleteShift, MoveShift, SwapShifts
from tests.concurrency import at_once
from tests.factories.accounts import make_user
from tests.schedules.edit_scenes import stored_findings
from tests.schedules.scenes import make_plan, make_scene

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from apps.accounts.models import User
    from apps.schedules.types import Command

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def variant() -> ScheduleVariant:
    return make_plan(make_scene(people=3, agents=1), days=range(3))


@pytest.fixture
def _both_have_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody lock before both have looked whose the shifts are."""
    look, together = applying.holders_of, threading.Barrier(2)

    def look_and_wait(*asked: Any) -> Any:
        found = look(*asked)
        together.wait(timeout=30)
        return found

    monkeypatch.setattr(applying, "holders_of", look_and_wait)


def edit(variant: ScheduleVariant, *commands: Command, actor: User | None = None, **facts: Any) -> Any:
    return editing.apply(variant_id=variant.pk, commands=commands, actor=actor, **facts)


def errors_of(outcomes: Sequence[Any]) -> list[type[Exception]]:
    return [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)]


def assert_whole(variant: ScheduleVariant) -> None:
    """Check that the log leads to what is stored and that the findings are those of a fresh check."""
    now = snapshots(Shift.objects.filter(variant=variant))
    logged: dict[int, Any] = {}
    numbers = []
    for made in ScheduleEdit.objects.filter(variant=variant).order_by("number"):
        numbers.append(made.number)
        for change in changes_of(made):
            assert logged.get(change.shift_id, change.before) == change.before  # nothing was overwritten
            logged[change.shift_id] = change.after
    assert numbers == list(range(1, len(numbers) + 1))
    assert {key: now.get(key) for key in logged} == logged
    fresh = check_variant(variant.pk)
    assert sum(stored_findings(variant).values()) == len(fresh)


@pytest.mark.usefixtures("_both_have_looked")
def test_two_editors_of_one_shift(variant: ScheduleVariant) -> None:
    """Both saw revision 0: one is done, the other is told the newer state."""
    shift = variant.shifts.earliest("pk")
    outcomes = at_once(
        *(
            partial(
                edit, variant, MoveShift(shift.pk, start=shift.start + hours * HOUR), expected={shift.pk: 0}
            )
            for hours in (1, 2)
        )
    )
    assert errors_of(outcomes) == [StaleError]
    refused = next(outcome for outcome in outcomes if isinstance(outcome, StaleError))
    assert refused.extra["current"] == [snapshots(variant.shifts.filter(pk=shift.pk))[shift.pk].as_data()]
    assert_whole(variant)


@pytest.mark.usefixtures("_both_have_looked")
def test_a_shift_moved_and_deleted_at_once(variant: ScheduleVariant) -> None:
    shift = variant.shifts.earliest("pk")
    outcomes = at_once(
        partial(edit, variant, MoveShift(shift.pk, start=shift.start + HOUR)),
        partial(edit, variant, DeleteShift(shift.pk)),
    )
    assert errors_of(outcomes) in ([], [StaleError])
    assert not variant.shifts.filter(pk=shift.pk).exists()
    assert_whole(variant)


@pytest.mark.usefixtures("_both_have_looked")
def test_crossing_swaps(variant: ScheduleVariant) -> None:
    """A with B and B with C, asked in either order of people: both in turn, or the second is told."""
    one, two, three = variant.shifts.filter(local_date="2027-02-01").order_by("employee")
    outcomes = at_once(
        partial(edit, variant, SwapShifts(one.pk, two.pk)),
        partial(edit, variant, SwapShifts(three.pk, two.pk)),
    )
    assert set(errors_of(outcomes)) <= {StaleError}
    assert len(errors_of(outcomes)) < 2
    holders = variant.shifts.filter(local_date="2027-02-01").values_list("employee", flat=True)
    assert len(set(holders)) == 3
    assert_whole(variant)


@pytest.mark.usefixtures("_both_have_looked")
def test_a_person_is_given_two_shifts_of_one_day_at_once(variant: ScheduleVariant) -> None:
    one, two, three = variant.shifts.filter(local_date="2027-02-01").order_by("employee")
    one.delete()
    outcomes = at_once(
        *(partial(edit, variant, MoveShift(shift.pk, employee_id=one.employee_id)) for shift in (two, three))
    )
    assert errors_of(outcomes) == [RuleBrokenError]
    assert_whole(variant)


@pytest.mark.usefixtures("_both_have_looked")
def test_edits_of_different_people_both_stand(variant: ScheduleVariant) -> None:
    one, two, _three = variant.shifts.filter(local_date="2027-02-01").order_by("employee")
    outcomes = at_once(
        *(partial(edit, variant, MoveShift(shift.pk, start=shift.start + HOUR)) for shift in (one, two))
    )
    assert errors_of(outcomes) == []
    variant.refresh_from_db()
    assert variant.edits == 2
    assert_whole(variant)


def test_edit_against_publish(variant: ScheduleVariant) -> None:
    """Whatever comes first, what is published is what is stored, and all of it is marked."""
    shift = variant.shifts.earliest("pk")
    for hours in (1, 0, 1):
        ScheduleVariant.objects.filter(pk=variant.pk).update(state=VariantState.DRAFT)
        variant.shifts.update(is_published=False)
        start = shift.start + hours * HOUR
        outcomes = at_once(
            partial(edit, variant, MoveShift(shift.pk, start=start)),
            partial(publish_variant, variant_id=variant.pk, actor=None),
        )
        assert errors_of(outcomes) == []
        assert set(variant.shifts.values_list("is_published", flat=True)) == {True}
        assert Shift.objects.get(pk=shift.pk).start == start
        assert_whole(variant)


def test_publish_against_an_edit_for_somebody_without_shifts(
    variant: ScheduleVariant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edit holds its person and comes for the variant; publishing waits for the person, not across."""
    idle = variant.people.latest("employee").employee_id
    variant.shifts.filter(employee=idle).delete()
    shift = variant.shifts.earliest("pk")
    check, is_locked, go_on = publishing.check_variant, threading.Event(), threading.Event()
    read = touching.read_book

    def read_late(*asked: Any) -> Any:
        is_locked.set()
        go_on.wait(timeout=1)  # publishing, if it got this far, would now hold the variant
        return read(*asked)

    def check_late(*asked: Any) -> Any:
        go_on.set()
        return check(*asked)

    def publish() -> Any:
        is_locked.wait(timeout=10)
        return publish_variant(variant_id=variant.pk, actor=None)

    monkeypatch.setattr(touching, "read_book", read_late)
    monkeypatch.setattr(publishing, "check_variant", check_late)
    outcomes = at_once(partial(edit, variant, MoveShift(shift.pk, employee_id=idle)), publish)
    assert errors_of(outcomes) == []
    assert set(variant.shifts.values_list("is_published", flat=True)) == {True}
    assert_whole(variant)


def test_an_edit_that_forbids_publication_against_it(variant: ScheduleVariant) -> None:
    """A variant is never published with a finding that its check did not see."""
    shift = variant.shifts.earliest("pk")
    variant.people.filter(employee=shift.employee_id).update(reachable_s=24 * 3600)
    outcomes = at_once(
        partial(edit, variant, DeleteShift(shift.pk)),
        partial(publish_variant, variant_id=variant.pk, actor=None),
    )
    variant.refresh_from_db()
    if variant.state == VariantState.DRAFT:
        assert errors_of(outcomes) == [ConflictError]
    else:
        assert RuleViolation.objects.get(variant=variant).edit is not None  # let pass after the publication
    assert_whole(variant)


def test_undo_against_an_edit(variant: ScheduleVariant) -> None:
    one, other = make_user(Role.PLANNER), make_user(Role.PLANNER)
    shift = variant.shifts.earliest("pk")
    edit(variant, MoveShift(shift.pk, start=shift.start + HOUR), actor=one)
    outcomes = at_once(
        partial(editing.undo, variant_id=variant.pk, actor=one),
        partial(edit, variant, MoveShift(shift.pk, start=shift.start + 2 * HOUR), actor=other),
    )
    assert errors_of(outcomes) in ([], [StaleError])
    assert Shift.objects.get(pk=shift.pk).start == shift.start + 2 * HOUR
    assert_whole(variant)


def test_several_undos_of_one_person_at_once(variant: ScheduleVariant) -> None:
    """Four tabs undo three edits of different people: each edit once, and one finds nothing to undo."""
    planner = make_user(Role.PLANNER)
    before = snapshots(variant.shifts.all())
    for shift in variant.shifts.filter(local_date="2027-02-01"):
        edit(variant, MoveShift(shift.pk, start=shift.start + HOUR), actor=planner)
    outcomes = at_once(*[partial(editing.undo, variant_id=variant.pk, actor=planner)] * 4)
    assert errors_of(outcomes) == [ConflictError]
    assert snapshots(variant.shifts.all()) == before
    undone = ScheduleEdit.objects.filter(state=EditState.UNDONE)
    assert undone.count() == undone.filter(reversals__isnull=False).distinct().count() == 3
    assert_whole(variant)


def test_a_crowd_of_editors(variant: ScheduleVariant) -> None:
    """Four planners move, swap, delete and undo: whoever is refused is told so, and nothing is lost."""
    planners = [make_user(Role.PLANNER) for _ in range(4)]
    shifts = list(variant.shifts.order_by("employee", "start"))

    def work(index: int) -> None:
        for step in range(4):
            shift = shifts[(index * 3 + step) % len(shifts)]
            other = shifts[(index * 2 + step * 4 + 3) % len(shifts)]
            chosen: list[Callable[[], object]] = [
                partial(edit, variant, MoveShift(shift.pk, start=shift.start + HOUR), actor=planners[index]),
                partial(edit, variant, SwapShifts(shift.pk, other.pk), actor=planners[index]),
                partial(editing.undo, variant_id=variant.pk, actor=planners[index]),
                partial(editing.redo, variant_id=variant.pk, actor=planners[index]),
            ]
            try:
                chosen[(index + step) % 4]()
            except DomainError as refusal:
                if refusal.message.startswith("Somebody else"):
                    raise

    assert errors_of(at_once(*(partial(work, index) for index in range(4)))) == []
    assert_whole(variant)


def test_edits_are_measured_once_for_many(variant: ScheduleVariant) -> None:
    """Whoever measures meanwhile is not disturbed; the figures say as of which edit they hold."""
    shift = variant.shifts.earliest("pk")
    for hours in (1, 2, 1):
        edit(variant, MoveShift(shift.pk, start=shift.start + hours * HOUR))
    assert measuring.request_measuring() == 1
    done = at_once(*[partial(measuring.measure_edited, variant.pk)] * 3)
    assert sorted(done) == [0, 0, 1]
    variant.refresh_from_db()
    assert (variant.edits, variant.measured_edits) == (3, 3)
    assert variant.metrics["measured"]["edit"] == 3
    cover = next(iter(cover_by_queue(variant).values()))
    assert variant.metrics["under_intervals"] == int(cover.under.sum())
    assert measuring.request_measuring() == 0
    assert measuring.measure_edited(variant.pk) == 0


def test_an_edit_during_the_measuring_is_measured_too(
    variant: ScheduleVariant, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift = variant.shifts.earliest("pk")
    edit(variant, DeleteShift(shift.pk))
    measure, rest = measuring.measure, list(variant.shifts.exclude(pk=shift.pk)[:2])

    def measured_slowly(row: ScheduleVariant) -> Any:
        figures = measure(row)
        if rest:
            outcomes = at_once(partial(edit, variant, DeleteShift(rest.pop().pk)))
            assert errors_of(outcomes) == []
        return figures

    monkeypatch.setattr(measuring, "measure", measured_slowly)
    assert measuring.measure_edited(variant.pk) == 3
    variant.refresh_from_db()
    assert variant.measured_edits == variant.edits == 3
    assert variant.metrics["shifts"] == 6


def test_nothing_is_told_of_an_edit_that_is_taken_back(variant: ScheduleVariant) -> None:
    shift = variant.shifts.earliest("pk")
    with transaction.atomic():
        edit(variant, DeleteShift(shift.pk))
        transaction.set_rollback(True)
    assert connection.in_atomic_block is False
    assert variant.shifts.filter(pk=shift.pk).exists()
    assert not ScheduleEdit.objects.exists()
