"""A browser, and a small contact centre to plan."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from apps.accounts.choices import Role
from apps.schedules.services.reference import load_default_rules
from apps.workcalendar.services.kinds import load_kinds
from tests.factories import (
    make_calendar,
    make_department,
    make_employee,
    make_group,
    make_history,
    make_member,
    make_opening_hours,
    make_queue,
    make_target,
    make_user,
    make_work_rule,
)
from tests.journeys.browser import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from apps.accounts.models import User
    from apps.schedules.models import PlanningGroup

MONTH = dt.date(2027, 2, 1)
MIDNIGHT = dt.datetime(2027, 1, 31, 21, tzinfo=dt.UTC)
HISTORY_WEEKS = 8
STAFF = 8
OPENS, CLOSES = 9, 18
STEPS_AN_HOUR = 4


@dataclass(frozen=True)
class Centre:
    """A queue with eight weeks of history, eight people, and one user of each kind."""

    group: PlanningGroup
    planner: User
    supervisor: User
    employee: User


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Playwright keeps a loop in this thread, which Django would take for asynchronous code."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with chromium() as running:
        yield running
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def centre(transactional_db: None) -> Centre:  # noqa: ARG001 - the database
    load_kinds()
    load_default_rules()
    make_calendar("ru", (2026, 2027))
    queue = make_queue(code="calls", name="Calls")
    make_opening_hours(queue, OPENS * 60, CLOSES * 60, range(7))
    make_target(queue)
    group = make_group(queue, code="bank", name="Bank")
    department = make_department(name="First floor")
    other = make_department(name="Second floor")
    staff = [make_employee(department=department if index < STAFF // 2 else other) for index in range(STAFF)]
    for person in staff:
        make_member(queue, person)
    make_work_rule(*staff, name="5/2")
    start = MIDNIGHT - dt.timedelta(weeks=HISTORY_WEEKS)
    make_history(queue, start, _calls().tolist(), step_s=900)
    employee = make_user(Role.EMPLOYEE, username="employee")
    staff[0].user = employee
    staff[0].save(update_fields=["user"])
    return Centre(
        group=group,
        planner=make_user(Role.PLANNER, username="planner", is_staff=True),
        supervisor=make_user(Role.SUPERVISOR, department=department, username="supervisor"),
        employee=employee,
    )


def _calls() -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    rng = np.random.default_rng(11)
    hours = np.arange(HISTORY_WEEKS * 7 * 24 * STEPS_AN_HOUR) / STEPS_AN_HOUR % 24
    expected = np.where((hours >= OPENS) & (hours < CLOSES), 8 + 4 * np.sin((hours - OPENS) / 9 * np.pi), 0)
    return rng.poisson(expected)
