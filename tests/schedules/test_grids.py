"""What the pages show, to whom, in how many queries."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.choices import Role
from apps.core.phrases import Phrase
from apps.jobs.models import Job
from apps.schedules.models import RuleViolation, Shift
from apps.schedules.selectors import day_grid, filter_choices, month_grid, my_schedule, violations_of
from apps.schedules.selectors.cover import cover
from apps.schedules.selectors.overview import overview
from apps.schedules.services.publishing import publish_variant
from apps.schedules.types import AbsenceCell, GridFilters, ShiftCell
from tests.factories.accounts import make_user
from tests.factories.organization import make_department, make_employee, make_site
from tests.factories.schedules import make_absence, make_work_rule
from tests.schedules.scenes import MONTH, START, add_shift, make_plan, make_scene, plan_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant

pytestmark = pytest.mark.django_db
EIGHT_H = 8 * 3600


@pytest.fixture
def planner() -> User:
    return make_user(Role.PLANNER)


def queries(read: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        read()
    return len(captured)


def names(variant: ScheduleVariant, user: User, **filters: object) -> list[str]:
    grid = month_grid(variant, user, GridFilters(**filters))  # type: ignore[arg-type]
    return [row.personnel_number for row in grid.rows]


def test_a_row_has_a_cell_for_each_day(planner: User) -> None:
    scene = make_scene(people=1)
    variant = make_plan(scene)
    make_absence(scene.people[0], MONTH + dt.timedelta(days=7), MONTH + dt.timedelta(days=8))
    grid = month_grid(variant, planner)
    (row,) = grid.rows
    assert len(row.cells) == len(grid.days) == 28
    first = row.cells[0]
    assert isinstance(first, ShiftCell)
    assert first.text == "09:00–17:45"
    assert first.paid_s == EIGHT_H
    assert row.cells[5] is None
    assert row.cells[7] == row.cells[8] == AbsenceCell("vacation", "Vacation")
    assert (row.paid_s, row.shifts, row.norm_s) == (5 * EIGHT_H, 5, 40 * 3600)
    assert row.off_norm_s == 0


def test_times_are_those_of_the_persons_clock(planner: User) -> None:
    """22:00 in Moscow is 02:00 of the next day in Krasnoyarsk; the shift belongs to the day there."""
    scene = make_scene()
    person = scene.add_people(1, site=make_site(time_zone="Asia/Krasnoyarsk"))[0]
    variant = make_plan(scene, days=range(0))
    shift = add_shift(variant, scene, person, 0, hour=22)
    Shift.objects.filter(pk=shift.pk).update(local_date=MONTH + dt.timedelta(days=1))
    (row,) = month_grid(variant, planner).rows
    assert row.cells[0] is None
    assert row.cells[1] == ShiftCell(shift.pk, 120, 120 + 525, EIGHT_H)


def test_a_night_shift_ends_beyond_midnight(planner: User) -> None:
    scene = make_scene(people=1)
    variant = make_plan(scene, days=range(0))
    add_shift(variant, scene, scene.people[0], 3, hour=22)
    cell = month_grid(variant, planner).rows[0].cells[3]
    assert isinstance(cell, ShiftCell)
    assert (cell.start_minute, cell.end_minute) == (22 * 60, 22 * 60 + 525)
    assert cell.text == "22:00–06:45"


def test_totals_hold_rows_and_cover(planner: User) -> None:
    """One at work for 7 h 15 min of 9 required agent-hours, from 9 to 18 with lunch and breaks away."""
    scene = make_scene(people=1, agents=1)
    total = month_grid(make_plan(scene), planner).day_totals[0]
    assert (total.people, total.paid_s) == (1, EIGHT_H)
    assert total.required_s == 9 * 3600
    assert total.scheduled_s == 7 * 3600 + 900
    assert total.under_s == total.required_s - total.scheduled_s
    assert total.over_s == 0


def test_the_cover_counts_night_shifts_of_the_month_before() -> None:
    scene = make_scene(people=1, agents=1)
    before = make_plan(scene, days=range(0))
    add_shift(before, scene, scene.people[0], -1, hour=20)
    before.shifts.update(local_date=MONTH - dt.timedelta(days=1), is_published=True)
    found = cover(make_plan(scene, days=range(0)), START, START + dt.timedelta(hours=6))
    assert found.scheduled.tolist() == [*[1] * 6, 0, *[1] * 5, 0, *[1] * 6, *[0] * 5]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"name": "фамилия иванов"}, [0, 1, 2]),
        ({"name": "Петров"}, [1]),
        ({"department": True}, [0, 1]),
        ({"site": True}, [2]),
        ({"only_violations": True}, [1]),
        ({"order": "-violations"}, [1, 0, 2]),
        ({"order": "-name"}, [2, 1, 0]),
        ({"order": "paid"}, [2, 0, 1]),
    ],
)
def test_filters_and_orders(planner: User, filters: dict[str, object], expected: list[int]) -> None:
    scene, top = make_scene(), make_department()
    site = make_site()
    first = scene.add_people(1, department=top)
    second = scene.add_people(1, department=make_department(parent=top), first_name="Петровна")
    third = scene.add_people(1, site=site)
    people = [*first, *second, *third]
    variant = make_plan(scene, days=range(0))
    for person in people[:2]:
        add_shift(variant, scene, person, 2)
    add_shift(variant, scene, people[1], 3)
    make_violation(variant, people[1].pk)
    places: dict[str, object] = {"department": top.pk, "site": site.pk}
    asked = {name: places.get(name, value) for name, value in filters.items()}
    assert names(variant, planner, **asked) == [people[index].personnel_number for index in expected]


def make_violation(variant: ScheduleVariant, employee_id: int) -> RuleViolation:
    return RuleViolation.objects.create(
        variant=variant,
        employee_id=employee_id,
        code="daily_rest",
        key="daily_rest",
        mode="warn",
        start=START,
        end=START + dt.timedelta(hours=11),
        measured=11 * 3600,
        limit=12 * 3600,
        unit="s",
    )


def test_everybody_sees_only_whom_they_may(planner: User) -> None:
    scene, department = make_scene(), make_department()
    mine = scene.add_people(1, department=department)[0]
    scene.add_people(1)
    variant = make_plan(scene)
    for person in scene.people:
        make_violation(variant, person.pk)
    supervisor = make_user(Role.SUPERVISOR, department=department)
    stranger = make_user()
    assert len(month_grid(variant, planner).rows) == 2
    assert names(variant, supervisor) == [mine.personnel_number]
    assert [row.employee_id for row in day_grid(variant, supervisor, MONTH).rows] == [mine.pk]
    assert [row.employee_id for row in violations_of(variant, supervisor)] == [mine.pk]
    assert [name for _pk, name in filter_choices(variant, supervisor).departments] == [department.name]
    assert month_grid(variant, stranger).rows == []
    assert violations_of(variant, stranger) == []


def test_the_day_has_parts_in_quarters_of_the_groups_clock(planner: User) -> None:
    scene = make_scene(people=1, agents=1)
    east = scene.add_people(1, site=make_site(time_zone="Asia/Krasnoyarsk"))[0]
    free = scene.add_people(1)[0]
    variant = make_plan(scene, days=range(0))
    add_shift(variant, scene, scene.people[0], 1)
    add_shift(variant, scene, east, 0, hour=22)
    grid = day_grid(variant, planner, MONTH + dt.timedelta(days=1))
    rows = {row.employee_id: row for row in grid.rows}
    assert free.pk not in rows
    parts = rows[scene.people[0].pk].segments
    assert [(part.kind, part.start_slot, part.end_slot) for part in parts[:4]] == [
        ("work", 36, 43),
        ("break", 43, 44),
        ("work", 44, 49),
        ("lunch", 49, 52),
    ]
    assert parts[-1].end_slot == 71
    overnight = rows[east.pk].segments
    assert overnight[0].start_slot == 0
    assert overnight[-1].end_slot == 27
    assert len(grid.cover.required) == 96
    assert grid.cover.scheduled[36] == 1


def test_the_number_of_queries_does_not_grow(planner: User) -> None:
    small, large = make_scene(people=2, agents=1), make_scene(people=9, agents=2)
    first, second = make_plan(small, days=range(2)), make_plan(large)
    for person in large.people:
        make_violation(second, person.pk)
        make_absence(person, MONTH + dt.timedelta(days=9), MONTH + dt.timedelta(days=12))
    planner.has_perm("warm.up")
    month_grid(first, planner)
    reads: list[tuple[Callable[[ScheduleVariant], object], int]] = [
        (lambda variant: month_grid(variant, planner), 11),
        (lambda variant: day_grid(variant, planner, MONTH), 11),
        (lambda variant: filter_choices(variant, planner), 7),
        (lambda variant: violations_of(variant, planner), 2),
        (lambda variant: overview(variant.group, MONTH), 10),
    ]
    for read, most in reads:
        counts = {queries(partial(read, variant)) for variant in (first, second)}
        assert len(counts) == 1
        assert counts.pop() <= most


def test_my_month_is_what_is_published_on_my_clock() -> None:
    scene = make_scene()
    person = scene.add_people(1, site=make_site(time_zone="Asia/Yekaterinburg"))[0]
    variant = make_plan(scene)
    make_absence(person, dt.date(2027, 2, 10), dt.date(2027, 2, 10), zone="Asia/Yekaterinburg")
    assert not any(day.shifts for day in my_schedule(person, MONTH).days)
    publish_variant(variant_id=variant.pk, actor=None)
    mine = my_schedule(person, MONTH)
    (shift,) = mine.days[0].shifts
    assert shift.start == dt.datetime(2027, 2, 1, 11, tzinfo=ZoneInfo("Asia/Yekaterinburg"))
    assert shift.start.hour == 11
    assert [(part.kind, part.start.hour) for part in shift.segments][:2] == [("work", 11), ("break", 12)]
    assert mine.days[9].absence is not None
    assert (mine.zone, mine.paid_s, mine.norm_s) == ("Asia/Yekaterinburg", 5 * EIGHT_H, 40 * 3600)
    assert mine.published_at is not None
    assert my_schedule(make_employee(), MONTH).paid_s == 0


def test_the_overview_has_each_stage_and_job() -> None:
    scene = make_scene(people=1, agents=1)
    variants = [make_plan(scene), make_plan(scene)]
    job = Job.objects.create(
        kind="x", title=Phrase.plain("x"), queue="optimise", dedupe_key=f"plan:{scene.group.pk}:2027-02"
    )
    state = overview(scene.group, MONTH)
    (stage,) = state.queues
    assert stage.queue == scene.queue
    assert stage.history is None
    assert stage.requirement == scene.requirement
    assert stage.forecast is not None
    assert state.plan_job == job
    assert state.variants == variants[::-1]


def test_choices_are_those_of_the_rows(planner: User) -> None:
    scene = make_scene(people=2)
    variant = make_plan(scene)
    make_work_rule()
    plan_person(make_plan(make_scene()), scene, scene.people[0])
    choices = filter_choices(variant, planner)
    assert choices.work_rules == [(scene.rule.pk, scene.rule.name)]
    assert len(choices.departments) == len(choices.sites) == 2
