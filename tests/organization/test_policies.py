import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.accounts.policies import Capability, may
from apps.organization.models import Department
from apps.organization.policies import departments_visible_to, employees_visible_to
from tests.factories import make_department, make_deputy, make_employee, make_grant, make_terms, make_user

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 12, 10, 12, tzinfo=dt.UTC)
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def tree() -> dict[str, Department]:
    root = make_department(code="root")
    north = make_department(root, code="north")
    return {
        "root": root,
        "north": north,
        "north-1": make_department(north, code="north-1"),
        "south": make_department(root, code="south"),
    }


def codes(user: User | AnonymousUser) -> set[str]:
    return set(departments_visible_to(user).values_list("code", flat=True))


def test_a_supervisor_sees_the_granted_department_and_all_below(tree: dict[str, Department]) -> None:
    assert codes(make_user(Role.SUPERVISOR, department=tree["north"])) == {"north", "north-1"}
    assert codes(make_user(Role.SUPERVISOR, department=tree["north-1"])) == {"north-1"}


def test_a_planner_sees_all(tree: dict[str, Department]) -> None:
    assert codes(make_user(Role.PLANNER)) == set(tree)
    assert codes(make_user(is_superuser=True)) == set(tree)


@pytest.mark.usefixtures("tree")
def test_an_employee_and_nobody_see_no_department() -> None:
    assert codes(make_user(Role.EMPLOYEE)) == set()
    assert codes(AnonymousUser()) == set()


@pytest.mark.parametrize(
    ("first", "last", "stands_in"),
    [(0, 0, True), (-5, -1, False), (1, 5, False), (-5, 5, True)],
)
def test_a_deputy_is_supervisor_while_standing_in(
    tree: dict[str, Department],
    first: int,
    last: int,
    stands_in: bool,
) -> None:
    user = make_user(Role.EMPLOYEE)
    card = make_employee(user=user)
    days = dt.timedelta(days=first), dt.timedelta(days=last)
    make_deputy(tree["north"], card, TODAY + days[0], TODAY + days[1])
    assert may(user, Capability.VIEW_SCHEDULE) is stands_in
    assert codes(user) == ({"north", "north-1"} if stands_in else set())


def test_people_follow_their_departments(tree: dict[str, Department]) -> None:
    inside, outside = make_employee(department=tree["north-1"]), make_employee(department=tree["south"])
    supervisor = make_user(Role.SUPERVISOR, department=tree["north"])
    assert list(employees_visible_to(supervisor)) == [inside]
    assert set(employees_visible_to(make_user(Role.PLANNER))) == {inside, outside}


def test_who_left_the_department_is_gone_and_who_will_come_is_there(tree: dict[str, Department]) -> None:
    left = make_employee(department=tree["north"], valid_to=TODAY - dt.timedelta(days=1))
    make_terms(left, department=tree["south"], valid_from=TODAY)
    coming = make_employee(department=tree["south"], valid_to=TODAY + dt.timedelta(days=20))
    make_terms(coming, department=tree["north"], valid_from=TODAY + dt.timedelta(days=21))
    assert list(employees_visible_to(make_user(Role.SUPERVISOR, department=tree["north"]))) == [coming]


def test_an_employee_sees_the_own_card_only(tree: dict[str, Department]) -> None:
    user = make_user(Role.EMPLOYEE)
    card = make_employee(user=user, department=tree["north"])
    make_employee(department=tree["north"])
    assert list(employees_visible_to(user)) == [card]
    assert list(employees_visible_to(make_user())) == []


def test_the_number_of_queries_is_constant(
    tree: dict[str, Department],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    supervisor = make_user(Role.SUPERVISOR, department=tree["root"])
    make_grant(supervisor, Role.SUPERVISOR, department=tree["south"])
    for _ in range(5):
        make_employee(department=tree["north-1"])
    with django_assert_max_num_queries(6):
        assert len(employees_visible_to(supervisor)) == 5
