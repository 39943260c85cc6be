"""People and structure by `/api/v1/`: hired, changed, dismissed; edits that say what they build on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.core.web.api import PROBLEM_JSON
from apps.organization.models import Department, Employee, Queue, Site
from tests.concurrency import at_once
from tests.factories import (
    make_department,
    make_employee,
    make_member,
    make_opening_hours,
    make_position,
    make_queue,
    make_service,
    make_site,
    make_skill,
    make_terms,
    make_user,
)

pytestmark = pytest.mark.django_db
PEOPLE = "/api/v1/employees/"


def client_of(role: Role, **facts: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(make_user(role, **facts))
    return client


@pytest.fixture
def admin() -> APIClient:
    return client_of(Role.ADMIN)


def hire_facts(**facts: Any) -> dict[str, Any]:
    places = {"department": make_department().pk, "site": make_site().pk, "position": make_position().pk}
    card = {"personnel_number": "000042", "last_name": "Иванова", "first_name": "Анна"}
    return card | {"hired_on": "2024-01-09", "terms": places | {"rate": "0.5"}} | facts


def test_a_person_is_hired_changed_and_dismissed(admin: APIClient) -> None:
    hired = admin.post(PEOPLE, hire_facts(), format="json")
    assert hired.status_code == 201
    address = hired["Location"]
    card = admin.get(address)
    assert card.json() == hired.json()
    assert (card.json()["personnel_number"], card.json()["terms"]["rate"]) == ("000042", 0.5)
    patch = {"last_name": "Петрова", "terms": {"weekly_norm_minutes": 1200}, "terms_from": "2025-03-01"}
    changed = admin.patch(address, patch, format="json", headers={"If-Match": card["ETag"]})
    assert changed.status_code == 200
    assert changed.json()["terms"]["weekly_norm_minutes"] == 1200
    assert changed.json()["terms"]["rate"] == 0.5
    assert admin.delete(f"{address}?last_day=2026-01-31").status_code == 204
    assert admin.delete(address).status_code == 204
    person = Employee.objects.get()
    assert (person.last_name, person.dismissed_on) == ("Петрова", dt.date(2026, 1, 31))
    first, second = person.terms.order_by("valid_from")
    assert (first.valid_to, second.valid_from) == (dt.date(2025, 2, 28), dt.date(2025, 3, 1))
    actions = [entry.action for entry in AuditEntry.objects.order_by("pk")]
    changes = ["employee.change_card", "employee.change_terms"]
    assert actions == ["employee.hire", *changes, "employee.dismiss"]


def test_the_whole_card_is_written_by_put(admin: APIClient) -> None:
    address = admin.post(PEOPLE, hire_facts(middle_name="Ивановна"), format="json")["Location"]
    missing = admin.put(address, {"last_name": "Петрова"}, format="json")
    assert missing.status_code == 400
    assert {"personnel_number", "first_name", "terms"} <= set(missing.json()["fields"])
    terms = Employee.objects.get().terms.get()
    same = {"department": terms.department_id, "site": terms.site_id, "position": terms.position_id}
    body = {"personnel_number": "000042", "last_name": "Петрова", "first_name": "Анна"}
    put = admin.put(address, body | {"terms": same | {"rate": "0.500"}}, format="json")
    assert (put.status_code, put.json()["middle_name"]) == (200, "")
    assert Employee.objects.get().terms.count() == 1


def test_a_stale_edit_is_told_the_newer_state(admin: APIClient) -> None:
    person = make_employee(last_name="Иванова")
    address = f"{PEOPLE}{person.pk}/"
    seen = admin.get(address)["ETag"]
    newer = admin.patch(address, {"last_name": "Петрова"}, format="json", headers={"If-Match": seen})
    for method in (admin.patch, admin.delete):
        stale = method(address, {"last_name": "Орлова"}, format="json", headers={"If-Match": seen})
        assert (stale.status_code, stale["Content-Type"]) == (412, PROBLEM_JSON)
        assert stale["ETag"] == stale.json()["etag"] == newer["ETag"]
        assert stale.json()["current"]["last_name"] == "Петрова"
    for wanted in (newer["ETag"], "*", f'"other", {newer["ETag"]}'):
        again = admin.patch(address, {"last_name": "Петрова"}, format="json", headers={"If-Match": wanted})
        assert again.status_code == 200
    weak = admin.patch(address, {}, format="json", headers={"If-Match": f"W/{newer['ETag']}"})
    assert weak.status_code == 412


def test_what_the_reader_has_is_not_sent_again(admin: APIClient) -> None:
    address = f"{PEOPLE}{make_employee().pk}/"
    tag = admin.get(address)["ETag"]
    same = admin.get(address, headers={"If-None-Match": f"W/{tag}"})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", tag)
    assert admin.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_of_one_version_one_holds() -> None:
    person, user = make_employee(), make_user(Role.ADMIN)
    address = f"{PEOPLE}{person.pk}/"

    def edit(name: str) -> Any:
        client = APIClient()
        client.force_authenticate(user)
        return client.patch(address, {"last_name": name}, format="json", headers={"If-Match": tag})

    client = APIClient()
    client.force_authenticate(user)
    tag = client.get(address)["ETag"]
    answers = at_once(*(lambda name=name: edit(name) for name in ("А", "Б", "В", "Г")))  # type: ignore[misc]
    statuses = sorted(getattr(answer, "status_code", 0) for answer in answers)
    assert statuses == [200, 412, 412, 412]


def test_skills_are_replaced_as_a_whole(admin: APIClient) -> None:
    person = make_employee()
    make_skill("english", person, 5)
    make_skill("german")
    make_skill("french", person, 1)
    address = f"{PEOPLE}{person.pk}/skills/"
    seen = admin.get(address)
    assert seen.json() == {"skills": {"english": 5, "french": 1}}
    wanted = {"skills": {"english": 4, "german": 2}}
    written = admin.put(address, wanted, format="json", headers={"If-Match": seen["ETag"]})
    assert (written.status_code, written.json()) == (200, wanted)
    assert admin.put(address, wanted, format="json", headers={"If-Match": seen["ETag"]}).status_code == 412
    wrong = admin.put(address, {"skills": {"klingon": 3}}, format="json")
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["skills.klingon"])
    assert admin.put(address, {"skills": {"english": 6}}, format="json").status_code == 400
    assert AuditEntry.objects.filter(action="employee.set_skills").count() == 1


@pytest.mark.parametrize("role", [Role.PLANNER, Role.SUPERVISOR, Role.EMPLOYEE])
def test_only_administrators_write(role: Role) -> None:
    department = make_department()
    client = client_of(role, department=department if role == Role.SUPERVISOR else None)
    person = make_employee(department=department)
    address = f"{PEOPLE}{person.pk}/"
    assert client.post(PEOPLE, hire_facts(), format="json").status_code == 403
    assert client.patch(address, {"last_name": "X"}, format="json").status_code == 403
    assert client.delete(address).status_code == 403
    assert client.put(f"{address}skills/", {"skills": {}}, format="json").status_code == 403
    assert client.post("/api/v1/sites/", {}, format="json").status_code == 403
    assert not AuditEntry.objects.exists()


def test_lists_are_filtered_by_what_holds_today(admin: APIClient) -> None:
    queue, department = make_queue(), make_department()
    inside = make_employee(department=department)
    make_member(queue, inside)
    make_skill("english", inside)
    left = make_employee(dismissed_on=dt.date(2025, 1, 31))
    for query in ({"queue": queue.pk}, {"department": department.pk}, {"skill": "english"}):
        found = admin.get(PEOPLE, query).json()["results"]
        assert [row["id"] for row in found] == [inside.pk]
    gone = admin.get(PEOPLE, {"is_employed": "false"}).json()["results"]
    assert [row["id"] for row in gone] == [left.pk]
    assert admin.get(PEOPLE, {"queue": "0"}).status_code == 400


def test_lists_are_those_of_another_day(admin: APIClient) -> None:
    """Terms, places in queues and employment are dated; the list shows and asks them as of the day."""
    old, new, queue = make_department(), make_department(), make_queue()
    person = make_employee(department=old, valid_to=dt.date(2026, 6, 30))
    make_terms(person, department=new, valid_from=dt.date(2026, 7, 1))
    make_member(queue, person, valid_to=dt.date(2026, 3, 31))
    left = make_employee(dismissed_on=dt.date(2025, 1, 31))

    def on(day: str, **query: str | int) -> list[int]:
        return [row["id"] for row in admin.get(PEOPLE, {"on": day, **query}).json()["results"]]

    assert on("2026-06-30", department=old.pk) == on("2026-07-01", department=new.pk) == [person.pk]
    assert on("2026-07-01", department=old.pk) == []
    assert on("2026-03-31", queue=queue.pk) == [person.pk]
    assert on("2026-04-01", queue=queue.pk) == []
    assert left.pk in on("2025-01-31")
    assert left.pk not in on("2025-02-01")
    assert left.pk in on("2025-02-01", is_employed="false")
    (row,) = admin.get(PEOPLE, {"on": "2026-03-01"}).json()["results"]
    assert (row["terms"]["department"]["id"], [place["id"] for place in row["queues"]]) == (
        old.pk,
        [queue.pk],
    )
    wrong = admin.get(PEOPLE, {"on": "2026-02-30"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["on"])


def test_the_list_asks_the_database_as_often_for_many_as_for_one(admin: APIClient) -> None:
    queue = make_queue()
    counts = []
    for _round in range(2):
        for _ in range(5):
            make_skill("english", make_member(queue).employee)
        with CaptureQueriesContext(connection) as queries:
            admin.get(PEOPLE)
        counts.append(len(queries))
    assert counts == [1, 1] or counts[0] == counts[1] <= 3


def test_structure_is_added_and_changed(admin: APIClient) -> None:
    site = {"code": "tomsk", "name": "Томск", "time_zone": "Asia/Tomsk", "calendar_code": "ru"}
    added = admin.post("/api/v1/sites/", site, format="json")
    assert added.status_code == 201
    seen = admin.get(added["Location"])
    headers = {"If-Match": seen["ETag"]}
    changed = admin.patch(added["Location"], {"name": "Томск-1"}, format="json", headers=headers)
    assert changed.json()["name"] == "Томск-1"
    stale = admin.patch(added["Location"], {"name": "Томск-2"}, format="json", headers=headers)
    assert (stale.status_code, stale["ETag"]) == (412, changed["ETag"])
    wrong = admin.patch(added["Location"], {"time_zone": "Mars/Base"}, format="json")
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["time_zone"])
    twice = admin.post("/api/v1/sites/", site, format="json")
    assert (twice.status_code, list(twice.json()["fields"])) == (400, ["code"])
    assert Site.objects.count() == 1
    actions = [entry.action for entry in AuditEntry.objects.order_by("pk")]
    assert actions == ["site.add", "site.change"]


def test_a_queue_comes_and_goes_with_its_hours(admin: APIClient) -> None:
    queue = make_queue(service=make_service(code="bank"))
    make_opening_hours(queue, 540, 1080, weekdays=[0, 1])
    address = f"/api/v1/queues/{queue.pk}/"
    hours = [{"weekday": 6, "opens_minute": 600, "closes_minute": 900}]
    changed = admin.patch(address, {"opening_hours": hours, "priority": 1}, format="json")
    assert (changed.json()["opening_hours"], changed.json()["priority"]) == (hours, 1)
    wrong = [{"weekday": 6, "opens_minute": 900, "closes_minute": 600}]
    assert admin.patch(address, {"opening_hours": wrong}, format="json").status_code == 400
    assert Queue.objects.get().opening_hours.count() == 1


def test_a_department_does_not_lie_below_itself(admin: APIClient) -> None:
    top = make_department()
    below = make_department(top)
    answer = admin.patch(f"/api/v1/departments/{top.pk}/", {"parent": below.pk}, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["parent"])
    assert Department.objects.get(pk=top.pk).parent_id is None
