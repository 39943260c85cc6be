"""What planning knows of people: days, norms, limits, the month before."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from apps.algorithms.rostering.problem import ClockChange
from apps.algorithms.rostering.rules import NightBan, RuleContext
from apps.core.errors import DomainError
from apps.schedules.models import Absence, Shift
from apps.schedules.selectors.crew import crew_of
from apps.schedules.selectors.planning import plan_inputs, roster_problem
from apps.schedules.selectors.roster import work_rule_of, worker_of
from apps.schedules.selectors.slots import clock_changes, slot_clock
from apps.schedules.types import Month
from apps.workcalendar.models import CalendarDay, ProductionCalendar
from tests.factories.organization import make_employee, make_limit, make_member, make_queue, make_site
from tests.factories.schedules import make_absence, make_work_rule
from tests.factories.workcalendar import make_absence_kind
from tests.schedules.scenes import MONTH, add_shift, make_plan, make_scene

if TYPE_CHECKING:
    from apps.schedules.types import PersonFacts
    from tests.schedules.scenes import Scene

pytestmark = pytest.mark.django_db
DAY_NORM_S = 8 * 3600


def facts(scene: Scene) -> PersonFacts:
    return crew_of(scene.group, Month(MONTH, "Europe/Moscow")).people[0]


def test_a_plain_month_owes_twenty_days() -> None:
    """February 2027 without holidays: 20 working days of 8 h."""
    assert facts(make_scene(people=1)).norm_s == 20 * DAY_NORM_S


def test_a_short_day_owes_an_hour_less_and_a_holiday_nothing() -> None:
    scene = make_scene(people=1)
    calendar = ProductionCalendar.objects.get(code="ru")
    CalendarDay.objects.create(calendar=calendar, date=dt.date(2027, 2, 22), kind="working", is_short=True)
    CalendarDay.objects.create(calendar=calendar, date=dt.date(2027, 2, 23), kind="holiday")
    assert facts(scene).norm_s == 19 * DAY_NORM_S - 3600


def test_the_week_of_the_contract_scales_the_norm() -> None:
    scene = make_scene()
    scene.add_people(1, weekly_norm_minutes=1200, rate="0.5")
    assert facts(scene).norm_s == 20 * DAY_NORM_S // 2


@pytest.mark.parametrize(
    ("kind", "reduces", "lost_s"), [("sick", True, 5 * DAY_NORM_S), ("training", False, 0)]
)
def test_only_absences_that_reduce_the_norm_do(kind: str, *, reduces: bool, lost_s: int) -> None:
    scene = make_scene(people=1)
    make_absence_kind(kind)
    make_absence(scene.people[0], dt.date(2027, 2, 8), dt.date(2027, 2, 14), kind=kind)
    Absence.objects.get().kind.__class__.objects.filter(code=kind).update(reduces_norm=reduces)
    assert facts(scene).norm_s == 20 * DAY_NORM_S - lost_s


def test_an_absence_of_hours_takes_these_hours() -> None:
    scene = make_scene(people=1)
    noon = dt.datetime(2027, 2, 3, 12, tzinfo=ZoneInfo("Europe/Moscow"))
    Absence.objects.create(
        employee=scene.people[0],
        kind=make_absence_kind("unpaid"),
        start=noon,
        end=noon + dt.timedelta(hours=3),
    )
    assert facts(scene).norm_s == 20 * DAY_NORM_S - 3 * 3600


def test_hired_in_the_month() -> None:
    scene = make_scene()
    scene.add_people(1, hired_on=dt.date(2027, 2, 15))
    person = facts(scene)
    assert person.days == frozenset(range(14, 28))
    assert person.norm_s == 10 * DAY_NORM_S


def test_reserve_members_and_other_positions_are_not_planned() -> None:
    scene = make_scene(people=1)
    make_member(scene.queue, make_employee(), kind="reserve")
    _, leads = scene.people[0], make_employee()
    make_member(scene.queue, leads)
    position = leads.terms.get().position
    position.is_planned = False
    position.save()
    crew = crew_of(scene.group, Month(MONTH, "Europe/Moscow"))
    assert [person.employee_id for person in crew.people] == [scene.people[0].pk]
    assert crew.left_out == ()


def test_who_changes_the_queue_is_planned_where_most_days_are() -> None:
    scene = make_scene(people=1)
    other = make_queue()
    scene.group.queues.add(other)
    scene.people[0].memberships.update(valid_to=dt.date(2027, 2, 10))
    make_member(other, scene.people[0], valid_from=dt.date(2027, 2, 11))
    person = facts(scene)
    assert person.queue_id == other.pk
    assert person.days == frozenset(range(10, 28))


def test_personal_facts_become_limits() -> None:
    scene = make_scene()
    calendar = ProductionCalendar.objects.get(code="ru")
    CalendarDay.objects.create(calendar=calendar, date=dt.date(2027, 2, 23), kind="holiday")
    minor, asleep, short = scene.add_people(3)
    make_limit(minor, "minor")
    asleep.terms.update(night_consent=False)
    short.terms.update(max_shift_minutes=360)
    by_id = crew_of(scene.group, Month(MONTH, "Europe/Moscow")).by_id
    assert by_id[minor.pk].night_ban
    assert by_id[minor.pk].max_paid_s == 7 * 3600
    assert 22 in by_id[minor.pk].off_days
    assert by_id[asleep.pk].night_ban
    assert by_id[asleep.pk].max_paid_s is None
    assert by_id[short.pk].max_paid_s == 6 * 3600
    assert not by_id[short.pk].night_ban


@pytest.mark.parametrize("strict_first", [True, False])
def test_of_terms_that_change_in_the_month_the_strictest_hold(*, strict_first: bool) -> None:
    """A new contract from the 20th on frees (or binds): the days under the other one stay lawful."""
    scene = make_scene(people=1)
    terms = scene.people[0].terms.get()
    minutes = (300, 600) if strict_first else (600, 300)
    scene.people[0].terms.update(
        valid_to=dt.date(2027, 2, 19), night_consent=not strict_first, max_shift_minutes=minutes[0]
    )
    terms.pk, terms.valid_from, terms.valid_to = None, dt.date(2027, 2, 20), None
    terms.night_consent, terms.max_shift_minutes = strict_first, minutes[1]
    terms.save(force_insert=True)
    person = facts(scene)
    assert person.night_ban
    assert person.max_paid_s == 300 * 60


def test_a_rule_that_follows_the_calendar_keeps_its_days_off() -> None:
    scene = make_scene(people=1)
    scene.rule.follows_calendar = True
    scene.rule.save()
    saturdays_and_sundays = {day for day in range(28) if day % 7 >= 5}
    assert facts(scene).off_days == saturdays_and_sundays


def test_a_rotation_repeats_from_its_anchor() -> None:
    scene = make_scene(people=1)
    rule = make_work_rule(rotation="DD--")
    scene.people[0].work_rules.update(work_rule=rule, anchor=dt.date(2027, 1, 31))
    month = Month(MONTH, "Europe/Moscow")
    worker = worker_of(facts(scene), month, slot_clock(month, ["Europe/Moscow"], 900))
    assert worker.phase == 1
    assert worker.work_rule.rotation.pattern == (True, True, False, False)


def test_lengths_off_the_grid_are_named() -> None:
    rule = facts(make_scene(people=1)).work_rule
    with pytest.raises(DomainError, match="no shift template"):
        work_rule_of(replace(rule, templates=()), 900)
    with pytest.raises(DomainError, match="not on the grid"):
        work_rule_of(replace(rule, templates=(replace(rule.templates[0], start_from=485),)), 900)


def test_the_month_before_comes_with_the_work_that_reaches_into_this_one() -> None:
    scene = make_scene(people=1, agents=1)
    before = make_plan(scene, days=range(0))
    add_shift(before, scene, scene.people[0], -1, hour=20)
    before.shifts.update(local_date=dt.date(2027, 1, 31), is_published=True)
    problem, clock = roster_problem(plan_inputs(scene.group.pk, MONTH), scene.queue)
    (earlier,) = problem.workers[0].previous
    assert earlier.day == -1
    assert (earlier.start, earlier.end) == (-16, -16 + 35)
    assert sum(leaf.length for leaf in earlier.activities) == (480 - 45) // 15
    assert clock.instant(0) == dt.datetime(2027, 1, 31, 21, tzinfo=dt.UTC)


def test_drafts_of_the_month_before_are_not_known() -> None:
    scene = make_scene(people=1)
    january = make_plan(scene, days=range(0))
    january.month = dt.date(2027, 1, 1)
    january.save()
    add_shift(january, scene, scene.people[0], -2)
    assert facts(scene).previous == ()
    january.shifts.update(is_published=True)
    assert [shift.local_date for shift in facts(scene).previous] == [dt.date(2027, 1, 30)]


def test_published_shifts_of_others_and_of_the_next_month_are_known() -> None:
    """Those of the group's own month are what a plan replaces; drafts bind nobody."""
    scene, other = make_scene(people=1), make_scene()
    person = scene.people[0]
    own, march, elsewhere = make_plan(scene), make_plan(scene, days=range(0)), make_plan(other)
    march.month = dt.date(2027, 3, 1)
    march.save()
    add_shift(march, scene, person, 28)
    add_shift(elsewhere, other, person, 10)
    assert facts(scene).committed == ()
    for variant in (own, march, elsewhere):
        variant.shifts.update(is_published=True)
    committed = facts(scene).committed
    assert [shift.local_date for shift in committed] == [dt.date(2027, 2, 11), dt.date(2027, 3, 1)]
    month = Month(MONTH, "Europe/Moscow")
    worker = worker_of(facts(scene), month, slot_clock(month, ["Europe/Moscow"], 900))
    assert [(shift.day, shift.start) for shift in worker.committed] == [(10, 996), (28, 2724)]


@pytest.mark.parametrize(
    ("first", "change"),
    [
        (dt.date(2027, 3, 1), (ClockChange(27, 8, -4),)),
        (dt.date(2027, 10, 1), (ClockChange(30, 12, 4),)),
        (dt.date(2027, 2, 1), ()),
    ],
)
def test_days_on_which_clocks_are_set(first: dt.date, change: tuple[ClockChange, ...]) -> None:
    """Berlin: from two to three on 28 March 2027, from three to two on 31 October."""
    month = Month(first, "Europe/Berlin")
    assert clock_changes(month, "Europe/Berlin", slot_clock(month, ["Europe/Berlin"], 900)) == change


def test_shifts_and_nights_of_berlin_go_by_its_clock() -> None:
    scene = make_scene(people=1)
    site = make_site(time_zone="Europe/Berlin")
    scene.people[0].terms.update(site=site, night_consent=False)
    month = Month(dt.date(2027, 3, 1), "Europe/Berlin")
    person = crew_of(scene.group, month).people[0]
    clock = slot_clock(month, ["Europe/Berlin"], 900)
    context = RuleContext(worker_of(person, month, clock), 0, month.n_days, clock.slot_s)
    night = list(NightBan().nights(context))[28]
    berlin = ZoneInfo("Europe/Berlin")
    begins, ends = (clock.instant(slot).astimezone(berlin) for slot in night)
    assert (begins.day, begins.hour, ends.day, ends.hour) == (28, 22, 29, 6)
    assert clock.instant(context.at(27, 32)) == dt.datetime(2027, 3, 28, 8, tzinfo=berlin)


def test_work_for_another_queue_covers_nothing_here() -> None:
    scene = make_scene(people=1, agents=1)
    before = make_plan(scene, days=range(0))
    shift = add_shift(before, scene, scene.people[0], -1, hour=20)
    shift.activities.filter(queue__isnull=False).update(queue=make_queue())
    Shift.objects.update(local_date=dt.date(2027, 1, 31), is_published=True)
    problem, _clock = roster_problem(plan_inputs(scene.group.pk, MONTH), scene.queue)
    (earlier,) = problem.workers[0].previous
    assert sum(leaf.length for leaf in earlier.activities) == 0
    assert earlier.activities != ()


def test_the_horizon_holds_every_zone() -> None:
    scene = make_scene(people=1, agents=2)
    scene.add_people(1, site=make_site(time_zone="Asia/Krasnoyarsk"))
    scene.add_people(1, site=make_site(time_zone="Europe/Kaliningrad"))
    problem, clock = roster_problem(plan_inputs(scene.group.pk, MONTH), scene.queue)
    assert clock.origin == dt.datetime(2027, 1, 31, 17, tzinfo=dt.UTC)
    assert problem.n_slots == 28 * 96 + 5 * 4
    starts = {worker.worker_id: worker.day_starts[0] for worker in problem.workers}
    assert list(starts.values()) == [4 * 4, 0, 5 * 4]
    assert problem.demand[: 4 * 4 + 36].sum() == 0
    assert problem.demand[4 * 4 + 36] == 2


def test_opening_hours_close_slots() -> None:
    scene = make_scene(people=1, agents=1)
    for weekday in range(5):
        scene.queue.opening_hours.create(weekday=weekday, opens_minute=540, closes_minute=1080)
    problem, _clock = roster_problem(plan_inputs(scene.group.pk, MONTH), scene.queue)
    assert problem.open_slots is not None
    assert problem.open_slots.sum() == 20 * 36
    assert not problem.open_slots[35]
    assert problem.open_slots[36]
