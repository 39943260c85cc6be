import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.accounts.models import User
from tests.factories import (
    make_department,
    make_employee,
    make_limit,
    make_member,
    make_opening_hours,
    make_queue,
    make_site,
    make_skill,
    make_terms,
    make_user,
)

pytestmark = pytest.mark.django_db


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_nobody_reads_without_signing_in() -> None:
    answer = APIClient().get("/api/v1/employees/")
    assert answer.status_code in {401, 403}
    assert answer["Content-Type"].startswith("application/problem+json")


def test_a_person_with_what_holds_today_and_without_limits() -> None:
    queue = make_queue(code="cards")
    person = make_employee(
        personnel_number="000042",
        site=make_site(name="Томск", time_zone="Asia/Tomsk"),
        valid_to=dt.date(2024, 12, 31),
    )
    make_terms(person, valid_from=dt.date(2025, 1, 1), weekly_norm_minutes=1200, site=person.terms.get().site)
    make_member(queue, person)
    make_skill("english", person, 5)
    make_limit(person, "pregnant")
    answer = client_of(make_user(Role.PLANNER)).get("/api/v1/employees/")
    (row,) = answer.json()["results"]
    assert row["personnel_number"] == "000042"
    assert row["terms"]["time_zone"] == "Asia/Tomsk"
    assert row["terms"]["weekly_norm_minutes"] == 1200
    assert [place["code"] for place in row["queues"]] == ["cards"]
    assert row["skills"] == {"english": 5}
    assert b"pregnant" not in answer.content


def test_lists_keep_to_the_scope() -> None:
    north, south = make_department(code="north"), make_department(code="south")
    inside, outside = make_employee(department=north), make_employee(department=south)
    client = client_of(make_user(Role.SUPERVISOR, department=north))
    people = client.get("/api/v1/employees/").json()["results"]
    assert [row["id"] for row in people] == [inside.pk]
    assert client.get(f"/api/v1/employees/{outside.pk}/").status_code == 404
    departments = client.get("/api/v1/departments/").json()["results"]
    assert [row["code"] for row in departments] == ["north"]


def test_an_employee_sees_the_own_queue_site_and_card() -> None:
    user = make_user(Role.EMPLOYEE)
    person = make_employee(user=user)
    queue = make_member(make_queue(), person).queue
    make_queue()
    make_employee()
    client = client_of(user)
    assert [row["id"] for row in client.get("/api/v1/queues/").json()["results"]] == [queue.pk]
    assert [row["id"] for row in client.get("/api/v1/employees/").json()["results"]] == [person.pk]
    assert len(client.get("/api/v1/sites/").json()["results"]) == 1
    assert client_of(make_user()).get("/api/v1/queues/").json()["results"] == []
    assert client_of(make_user()).get("/api/v1/sites/").json()["results"] == []


def test_a_queue_comes_with_its_hours() -> None:
    queue = make_queue(code="cards")
    make_opening_hours(queue, 420, 1275, weekdays=[0])
    answer = client_of(make_user(Role.PLANNER)).get(f"/api/v1/queues/{queue.pk}/").json()
    assert answer["opening_hours"] == [{"weekday": 0, "opens_minute": 420, "closes_minute": 1275}]
    found = client_of(make_user(Role.PLANNER)).get("/api/v1/queues/", {"code": "cards"}).json()
    assert len(found["results"]) == 1


def test_the_list_of_people_makes_a_constant_number_of_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    queue = make_queue()
    for _ in range(8):
        make_skill("english", make_member(queue).employee)
    client = client_of(make_user(Role.PLANNER))
    with django_assert_max_num_queries(8):
        assert len(client.get("/api/v1/employees/", {"page_size": 8}).json()["results"]) == 8
