"""What holds later: terms ahead in card and tag, places in queues, the same hire again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.organization.models import Employee, Site
from tests.api.test_people import PEOPLE, client_of, hire_facts
from tests.concurrency import at_once
from tests.factories import make_department, make_employee, make_queue, make_user

pytestmark = pytest.mark.django_db
AHEAD = {"terms": {"rate": "0.6"}, "terms_from": "2099-02-01"}


@pytest.fixture
def admin() -> APIClient:
    return client_of(Role.ADMIN)


def test_terms_ahead_are_told_tagged_and_written_anew(admin: APIClient) -> None:
    address = f"{PEOPLE}{make_employee().pk}/"
    seen = admin.get(address)["ETag"]
    changed = admin.patch(address, AHEAD, format="json", headers={"If-Match": seen})
    assert changed.status_code == 200
    assert [row["rate"] for row in changed.json()["terms_ahead"]] == [0.6]
    assert changed["ETag"] != seen
    late = admin.patch(address, {"last_name": "X"}, format="json", headers={"If-Match": seen})
    assert (late.status_code, late["ETag"]) == (412, changed["ETag"])
    anew = AHEAD | {"terms": {"rate": 0.7}}
    again = admin.patch(address, anew, format="json", headers={"If-Match": changed["ETag"]})
    assert [row["rate"] for row in again.json()["terms_ahead"]] == [0.7]
    assert Employee.objects.get().terms.count() == 2
    entries = AuditEntry.objects.filter(action="employee.change_terms").order_by("pk")
    assert [entry.after["rate"] for entry in entries] == ["0.600", "0.700"]


def test_the_tag_covers_terms_that_are_over_and_places(admin: APIClient) -> None:
    person = make_employee()
    address, tags = f"{PEOPLE}{person.pk}/", set()
    first = person.terms.get().valid_from
    for days in (100, 10):
        day = (first + dt.timedelta(days=days)).isoformat()
        answer = admin.patch(address, {"terms": {"rate": days / 100}, "terms_from": day}, format="json")
        tags.add(answer["ETag"])
    body = {"queues": [{"queue": make_queue().pk}], "valid_from": "2099-02-01"}
    assert admin.put(f"{address}queues/", body, format="json").status_code == 200
    tags.add(admin.get(address)["ETag"])
    assert len(tags) == 3


def test_the_same_hire_again_makes_nobody_and_another_one_is_named(admin: APIClient) -> None:
    facts = hire_facts()
    first, again = (admin.post(PEOPLE, facts, format="json") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    terms = facts["terms"] | {"rate": "0.75"}
    other = admin.post(PEOPLE, facts | {"terms": terms, "hired_on": "2024-02-01"}, format="json")
    assert (other.status_code, set(other.json()["fields"])) == (409, {"hired_on", "terms.rate"})
    name = admin.post(PEOPLE, facts | {"first_name": "Ольга"}, format="json")
    assert (name.status_code, list(name.json()["fields"])) == (409, ["first_name"])
    assert Employee.objects.count() == 1


def test_a_person_is_put_into_queues_and_out_of_them(admin: APIClient) -> None:
    person, one, two = make_employee(), make_queue(), make_queue()
    address = f"{PEOPLE}{person.pk}/queues/"
    seen = admin.get(address)
    assert seen.json() == {"queues": []}
    body = {"queues": [{"queue": one.pk}, {"queue": two.pk, "kind": "reserve", "productivity": 0.8}]}
    written = admin.put(address, body | {"valid_from": "2027-01-01"}, format="json")
    told = [(row["queue"], row["kind"], row["productivity"]) for row in written.json()["queues"]]
    assert sorted(told) == sorted([(one.pk, "main", 1.0), (two.pk, "reserve", 0.8)])
    same = admin.put(address, body | {"valid_from": "2027-03-01"}, format="json")
    assert (same.json(), same["ETag"]) == (written.json(), written["ETag"])
    stale = admin.put(address, body, format="json", headers={"If-Match": seen["ETag"]})
    assert stale.status_code == 412
    only = {"queues": [{"queue": two.pk}], "valid_from": "2027-02-01"}
    moved = admin.put(address, only, format="json").json()["queues"]
    days = [(row["queue"], row["valid_from"], row["valid_to"]) for row in moved]
    begun = ("2027-01-01", "2027-01-31")
    assert set(days) == {(one.pk, *begun), (two.pk, *begun), (two.pk, "2027-02-01", None)}
    none = admin.put(address, {"queues": [], "valid_from": "2027-02-01"}, format="json").json()["queues"]
    assert [row["valid_to"] for row in none] == ["2027-01-31"] * 2
    assert AuditEntry.objects.filter(action="employee.set_places").count() == 3


def test_places_that_cannot_be_are_named(admin: APIClient) -> None:
    person, queue = make_employee(), make_queue()
    address = f"{PEOPLE}{person.pk}/queues/"
    twice = admin.put(address, {"queues": [{"queue": queue.pk}] * 2}, format="json")
    assert (twice.status_code, set(twice.json()["fields"])) == (400, {"queues.1.queue", "queues.1.kind"})
    early = {"queues": [], "valid_from": "1991-01-01"}
    assert list(admin.put(address, early, format="json").json()["fields"]) == ["valid_from"]
    assert client_of(Role.PLANNER).put(address, {"queues": []}, format="json").status_code == 403
    elsewhere = client_of(Role.SUPERVISOR, department=make_department())
    assert elsewhere.get(address).status_code == 404


def test_fields_are_named_by_where_they_stand(admin: APIClient) -> None:
    address = f"{PEOPLE}{make_employee().pk}/"
    zone = admin.patch(address, {"terms": {"time_zone": "Mars/Base"}}, format="json")
    assert (zone.status_code, list(zone.json()["fields"])) == (400, ["terms.time_zone"])
    facts = hire_facts()
    facts["terms"]["time_zone"] = "Mars/Base"
    assert list(admin.post(PEOPLE, facts, format="json").json()["fields"]) == ["terms.time_zone"]
    whole = facts | {"personnel_number": "000001", "hired_on": "2024-01-09"}
    del whole["terms"]["time_zone"]
    person = admin.post(PEOPLE, whole, format="json")["Location"]
    early = {"terms": facts["terms"], "terms_from": "1991-01-01"}
    refused = admin.patch(person, early, format="json")
    assert list(refused.json()["fields"]) == ["terms_from"]
    hours = [{"weekday": 0, "opens_minute": 0, "closes_minute": 60}]
    hours.append({"weekday": 6, "opens_minute": 900, "closes_minute": 600})
    answer = admin.patch(f"/api/v1/queues/{make_queue().pk}/", {"opening_hours": hours}, format="json")
    assert all(name.startswith("opening_hours.1") for name in answer.json()["fields"])


@pytest.mark.django_db(transaction=True)
def test_of_equal_rows_added_at_once_one_is_there() -> None:
    user = make_user(Role.ADMIN)
    site = {"code": "tomsk", "name": "Томск", "time_zone": "Asia/Tomsk", "calendar_code": "ru"}

    def add() -> Any:
        client = APIClient()
        client.force_authenticate(user)
        return client.post("/api/v1/sites/", site, format="json")

    answers = at_once(*[add] * 4)
    statuses = sorted(getattr(answer, "status_code", 0) for answer in answers)
    assert statuses[0] == 201
    assert set(statuses[1:]) <= {400, 409}
    assert Site.objects.count() == 1
