import datetime as dt

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from apps.accounts.choices import Role
from apps.accounts.policies import CAPABILITIES, Capability, may, require, roles_on
from apps.core.errors import NotAllowedError
from tests.factories import make_department, make_grant, make_user

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 12, 10)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2026, 12, 4), frozenset()),
        (dt.date(2026, 12, 5), {Role.PLANNER}),
        (dt.date(2026, 12, 15), {Role.PLANNER}),
        (dt.date(2026, 12, 16), frozenset()),
    ],
)
def test_a_grant_holds_from_its_first_to_its_last_day(day: dt.date, expected: set[Role]) -> None:
    user = make_user()
    make_grant(user, Role.PLANNER, valid_from=dt.date(2026, 12, 5), valid_to=dt.date(2026, 12, 15))
    assert roles_on(user, day) == expected


def test_a_grant_without_a_last_day_stays() -> None:
    assert roles_on(make_user(Role.EMPLOYEE), dt.date(2050, 1, 1)) == {Role.EMPLOYEE}


def test_several_grants_add_up() -> None:
    user = make_user(Role.EMPLOYEE)
    make_grant(user, Role.SUPERVISOR, department=make_department())
    assert roles_on(user, DAY) == {Role.EMPLOYEE, Role.SUPERVISOR}


@pytest.mark.parametrize(
    ("role", "can", "cannot"),
    [
        (Role.EMPLOYEE, Capability.VIEW_OWN_SCHEDULE, Capability.VIEW_SCHEDULE),
        (Role.SUPERVISOR, Capability.VIEW_SCHEDULE, Capability.VIEW_PLANNING),
        (Role.PLANNER, Capability.PUBLISH_SCHEDULE, Capability.EDIT_MASTER_DATA),
        (Role.PLANNER, Capability.IMPORT_HISTORY, Capability.VIEW_PERSONAL_LIMITS),
    ],
)
def test_capabilities_follow_the_role(role: Role, can: Capability, cannot: Capability) -> None:
    department = make_department() if role == Role.SUPERVISOR else None
    user = make_user(role, department=department)
    assert may(user, can)
    assert not may(user, cannot)


def test_an_administrator_and_a_superuser_may_everything() -> None:
    assert CAPABILITIES[Role.ADMIN] == frozenset(Capability)
    assert all(may(make_user(is_superuser=True), capability) for capability in Capability)


def test_nobody_and_the_inactive_may_nothing() -> None:
    assert not may(AnonymousUser(), Capability.VIEW_OWN_SCHEDULE)
    assert not may(make_user(Role.ADMIN, is_active=False), Capability.VIEW_OWN_SCHEDULE)


def test_require_refuses_in_words_and_lets_the_system_pass() -> None:
    with translation.override("en"), pytest.raises(NotAllowedError, match="make forecasts"):
        require(make_user(Role.EMPLOYEE), Capability.RUN_FORECAST)
    require(make_user(Role.PLANNER), Capability.RUN_FORECAST)
    require(None, Capability.RUN_FORECAST)


def test_today_is_that_of_the_clock() -> None:
    user = make_user()
    make_grant(user, Role.PLANNER, valid_from=dt.date(2026, 12, 5), valid_to=dt.date(2026, 12, 5))
    with time_machine.travel(dt.datetime(2026, 12, 5, 12, tzinfo=dt.UTC), tick=False):
        assert may(user, Capability.VIEW_PLANNING)
    with time_machine.travel(dt.datetime(2026, 12, 6, 12, tzinfo=dt.UTC), tick=False):
        assert not may(user, Capability.VIEW_PLANNING)


def test_asking_twice_asks_the_database_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = make_user(Role.PLANNER)
    may(user, Capability.VIEW_PLANNING)
    with django_assert_num_queries(0):
        assert not may(user, Capability.EDIT_MASTER_DATA)


def test_a_supervisor_needs_a_department() -> None:
    user = make_user()
    with pytest.raises(IntegrityError, match="supervisor_grant_has_department"), transaction.atomic():
        make_grant(user, Role.SUPERVISOR)
