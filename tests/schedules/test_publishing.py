"""Publishing: once, lawfully, in place of what was published, and known in time."""

from __future__ import annotations

import datetime as dt
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.errors import ConflictError, NotAllowedError, NotFoundError
from apps.core.models import OutboxEvent
from apps.schedules.choices import VariantState
from apps.schedules.models import LabourRuleSetting, Shift
from apps.schedules.selectors.checking import check_variant
from apps.schedules.services import editing, publishing
from apps.schedules.services.publishing import publish_variant
from apps.schedules.types import DeleteShift, MoveShift
from tests.concurrency import at_once
from tests.factories.accounts import make_user
from tests.factories.organization import make_department
from tests.factories.schedules import make_absence, make_variant
from tests.schedules.edit_scenes import make_edit_scene
from tests.schedules.scenes import MONTH, add_shift, make_plan, make_scene, plan_person

if TYPE_CHECKING:
    from apps.schedules.models import ScheduleVariant
    from tests.schedules.scenes import Scene

pytestmark = pytest.mark.django_db


def publish(variant: ScheduleVariant) -> ScheduleVariant:
    return publish_variant(variant_id=variant.pk, actor=None)


def at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(9), dt.UTC)


def test_a_draft_becomes_what_people_work_by() -> None:
    variant = make_plan(make_scene(people=2))
    planner = make_user(Role.PLANNER)
    published = publish_variant(variant_id=variant.pk, actor=planner)
    assert published.state == VariantState.PUBLISHED
    assert published.published_by == planner
    assert set(variant.shifts.values_list("is_published", flat=True)) == {True}
    assert AuditEntry.objects.get(action="schedule.publish").actor_id == planner.pk
    event = OutboxEvent.objects.get(type="schedule.published")
    assert event.data["shifts"] == 10
    assert event.data["people"] == 2
    assert event.data["replaces"] is None
    assert event.data["month"] == "2027-02"


def test_the_next_variant_takes_the_place() -> None:
    scene = make_scene(people=2)
    first, second = make_plan(scene), make_plan(scene, days=range(4))
    publish(first)
    publish(second)
    first.refresh_from_db()
    assert first.state == VariantState.ARCHIVED
    assert set(Shift.objects.filter(is_published=True).values_list("variant", flat=True)) == {second.pk}
    newest = OutboxEvent.objects.filter(type="schedule.published").latest("occurred_at")
    assert newest.data["replaces"] == first.pk


@pytest.mark.parametrize("again", [VariantState.PUBLISHED, VariantState.ARCHIVED])
def test_only_a_draft_is_published(again: VariantState) -> None:
    variant = make_plan(make_scene(people=1))
    variant.state = again
    variant.save()
    with pytest.raises(ConflictError, match="Only a draft"):
        publish(variant)


@pytest.fixture
def _both_have_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody lock before both have seen what is published."""
    look, together = publishing.published_now, threading.Barrier(2)

    def look_and_wait(variant_id: int) -> int | None:
        seen = look(variant_id)
        together.wait(timeout=30)
        return seen

    monkeypatch.setattr(publishing, "published_now", look_and_wait)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_both_have_looked")
def test_of_two_at_once_one_wins() -> None:
    scene = make_scene(people=3)
    variants = [make_plan(scene) for _ in range(2)]
    outcomes = at_once(*(partial(publish, variant) for variant in variants))
    assert [type(error) for error in outcomes if isinstance(error, Exception)] == [ConflictError]
    for variant in variants:
        variant.refresh_from_db()
    assert sorted(variant.state for variant in variants) == [VariantState.DRAFT, VariantState.PUBLISHED]
    winner = next(variant for variant in variants if variant.state == VariantState.PUBLISHED)
    assert set(Shift.objects.filter(is_published=True).values_list("variant", flat=True)) == {winner.pk}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_both_have_looked")
def test_the_same_variant_twice_at_once() -> None:
    variant = make_plan(make_scene(people=1))
    outcomes = at_once(*(partial(publish, variant) for _ in range(2)))
    assert [type(error) for error in outcomes if isinstance(error, Exception)] == [ConflictError]
    assert OutboxEvent.objects.filter(type="schedule.published").count() == 1


def test_hard_violations_are_refused_and_named() -> None:
    scene = make_scene(people=1)
    variant = make_plan(scene, days=range(7))
    with pytest.raises(ConflictError) as refusal:
        publish(variant)
    assert refusal.value.extra["violations"] == {"max_consecutive_days": 1, "weekly_rest": 1}
    variant.refresh_from_db()
    assert variant.state == VariantState.DRAFT
    assert not variant.shifts.filter(is_published=True).exists()


def test_a_rule_that_only_warns_does_not_stop() -> None:
    scene = make_scene(people=1)
    LabourRuleSetting.objects.filter(code__in=["weekly_rest", "max_consecutive_days"]).update(mode="warn")
    assert publish(make_plan(scene, days=range(7))).state == VariantState.PUBLISHED


def test_an_absence_since_planning_is_refused() -> None:
    scene = make_scene(people=2)
    variant = make_plan(scene)
    make_absence(scene.people[1], MONTH, MONTH + dt.timedelta(days=1), kind="sick")
    with pytest.raises(ConflictError) as refusal:
        publish(variant)
    assert refusal.value.extra["violations"]["absence"] == 2


def test_somebody_who_left_is_refused() -> None:
    scene = make_scene(people=1)
    variant = make_plan(scene)
    scene.people[0].memberships.update(valid_to=dt.date(2027, 1, 31))
    with pytest.raises(ConflictError) as refusal:
        publish(variant)
    assert refusal.value.extra["violations"]["absence"] == 5


def test_the_month_before_counts() -> None:
    """A published night shift ends at 7 on the first: a shift at 9 has no daily rest before it."""
    scene = make_scene(people=1)
    before = make_plan(scene, days=range(0))
    before.month = dt.date(2027, 1, 1)
    before.save()
    add_shift(before, scene, scene.people[0], -1, hour=22)
    Shift.objects.filter(variant=before).update(local_date=dt.date(2027, 1, 31), is_published=True)
    with pytest.raises(ConflictError) as refusal:
        publish(make_plan(scene))
    assert set(refusal.value.extra["violations"]) >= {"daily_rest", "no_two_shifts_in_row"}


def test_the_month_after_counts() -> None:
    """March is published and begins at 8: a shift that ends at 23:45 the evening before has no rest."""
    scene = make_scene(people=1)
    after = make_plan(scene, days=range(0))
    after.month = dt.date(2027, 3, 1)
    after.save()
    add_shift(after, scene, scene.people[0], 28, hour=8)
    publish(after)
    late = make_plan(scene, days=range(0))
    add_shift(late, scene, scene.people[0], 27, hour=15)
    with pytest.raises(ConflictError) as refusal:
        publish(late)
    assert refusal.value.extra["violations"] == {"daily_rest": 1}
    in_time = make_plan(scene, days=range(0))
    add_shift(in_time, scene, scene.people[0], 27, hour=9)
    assert publish(in_time).state == VariantState.PUBLISHED
    assert check_variant(after.pk) == []


@pytest.fixture
def both_groups() -> tuple[Scene, Scene]:
    """One person who has worked in one group and moved to the queue of another."""
    scene = make_scene(people=1)
    publish(make_plan(scene))
    other = make_scene()
    other.people = scene.people
    other.people[0].memberships.update(queue=other.queue)
    return scene, other


@pytest.mark.parametrize(
    ("day", "hour", "found"),
    [
        (2, 9, {"no_overlap": 1, "no_two_shifts_in_row": 1}),
        (4, 20, {"daily_rest": 1, "no_two_shifts_in_row": 1}),
        (5, 3, {"daily_rest": 1}),
    ],
)
def test_shifts_published_in_another_group_count(
    both_groups: tuple[Scene, Scene], day: int, hour: int, found: dict[str, int]
) -> None:
    """Five published days from 9 to 17:45 elsewhere."""
    _scene, other = both_groups
    clash = make_plan(other, days=range(0))
    add_shift(clash, other, other.people[0], day, hour)
    with pytest.raises(ConflictError) as refusal:
        publish(clash)
    assert found.items() <= refusal.value.extra["violations"].items()


def test_shifts_published_meanwhile_in_another_group_stand_in_the_way(
    both_groups: tuple[Scene, Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The labour check has not seen them yet; the database has."""
    _scene, other = both_groups
    clash = make_plan(other, days=range(0))
    add_shift(clash, other, other.people[0], 2)
    monkeypatch.setattr(publishing, "check_variant", lambda _variant_id: [])
    with pytest.raises(ConflictError, match="already has another"):
        publish(clash)


def test_what_the_month_before_has_broken_alone_stops_nobody() -> None:
    """Seven published days to Sunday 31 January, lawful when a rule was laxer: not the draft's doing."""
    scene = make_scene(people=2)
    before = make_plan(scene, days=range(0))
    before.month = dt.date(2027, 1, 1)
    before.save()
    for day in range(-7, 0):
        add_shift(before, scene, scene.people[0], day)
    before.shifts.update(is_published=True)
    assert publish(make_plan(scene, days=range(1, 5))).state == VariantState.PUBLISHED


@pytest.mark.parametrize(("days", "found"), [(range(2, 6), {}), (range(1, 2), {"weekly_rest": 1})])
def test_a_week_spoilt_before_the_month_takes_no_shift(days: range, found: dict[str, int]) -> None:
    """April's last five days leave 49 h of rest to Sunday 2 May where 50 are asked: no work on that day."""
    scene = make_scene(people=1)
    before = make_plan(scene, days=range(0))
    before.month = dt.date(2027, 4, 1)
    before.save()
    first = (dt.date(2027, 5, 1) - MONTH).days  # a Saturday
    for day in range(first - 5, first):
        add_shift(before, scene, scene.people[0], day, hour=14)
    before.shifts.update(is_published=True)
    LabourRuleSetting.objects.filter(code="weekly_rest").update(parameters={"min_rest_s": 50 * 3600})
    may = make_variant(scene.group, dt.date(2027, 5, 1))
    plan_person(may, scene, scene.people[0])
    for day in days:
        add_shift(may, scene, scene.people[0], first + day)
    if found:
        with pytest.raises(ConflictError) as refusal:
            publish(may)
        assert refusal.value.extra["violations"] == found
    else:
        assert publish(may).state == VariantState.PUBLISHED


@pytest.mark.parametrize(
    ("today", "is_late"),
    [(dt.date(2026, 12, 31), False), (dt.date(2027, 1, 1), False), (dt.date(2027, 1, 2), True)],
)
def test_less_than_a_month_of_notice_is_kept(
    today: dt.date, *, is_late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first shift is on 1 February; article 103 wants the schedule known a month before."""
    variant = make_plan(make_scene(people=1))
    monkeypatch.setattr(clock, "now", lambda: at(today))
    notice = publish(variant).metrics["publication"]
    assert notice["less_than_a_month"] is is_late
    assert notice["first_shift"] == "2027-02-01"
    entry = AuditEntry.objects.get(action="schedule.publish")
    assert entry.after is not None
    assert entry.after["less_than_a_month"] is is_late
    assert OutboxEvent.objects.get(type="schedule.published").data["less_than_a_month"] is is_late


def test_who_may_publish() -> None:
    variant = make_plan(make_scene(people=1))
    supervisor = make_user(Role.SUPERVISOR, department=make_department())
    for person in (supervisor, make_user(Role.EMPLOYEE), make_user()):
        with pytest.raises(NotAllowedError):
            publish_variant(variant_id=variant.pk, actor=person)
    with pytest.raises(NotFoundError):
        publish_variant(variant_id=0, actor=None)


def test_an_empty_draft_has_no_notice_to_give() -> None:
    scene = make_scene()
    variant = make_plan(scene)
    person = scene.add_people(1)[0]
    plan_person(variant, scene, person)
    assert publish(variant).metrics["publication"]["notice_days"] is None


def test_what_an_editor_let_pass_does_not_stop_publishing() -> None:
    """Hours below the norm stop a plan that nobody has looked at, not one that somebody has answered for."""
    scene = make_edit_scene()
    scene.variant.people.exclude(employee=scene.people[0]).delete()
    scene.variant.people.update(reachable_s=None)
    first, second = scene.add(scene.people[0], 3), scene.add(scene.people[0], 5)
    with pytest.raises(ConflictError) as refusal:
        publish(scene.variant)
    assert refusal.value.extra["violations"] == {"month_norm": 1}
    hour = dt.timedelta(hours=1)
    for command in (DeleteShift(first.pk), MoveShift(second.pk, start=second.start + hour)):
        editing.apply(variant_id=scene.variant.pk, commands=[command], actor=None)
    assert publish(scene.variant).state == VariantState.PUBLISHED
