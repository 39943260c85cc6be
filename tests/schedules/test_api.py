"""Schedules by `/api/v1/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.jobs.models import Job
from apps.schedules.choices import VariantState
from apps.schedules.models import RuleViolation
from apps.schedules.selectors.checking import check_variant
from apps.schedules.services.publishing import publish_variant
from tests.factories.accounts import make_user
from tests.factories.organization import make_department
from tests.schedules.scenes import make_plan, make_scene

if TYPE_CHECKING:
    from apps.accounts.models import User

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/schedules/"


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def planner() -> APIClient:
    return client_of(make_user(Role.PLANNER))


def test_nobody_unknown_is_let_in() -> None:
    answer = APIClient().get(ROOT)
    assert answer.status_code in {401, 403}
    assert answer["Content-Type"] == "application/problem+json"


def test_variants_are_listed_and_filtered(planner: APIClient) -> None:
    scene = make_scene(people=1)
    first, second = make_plan(scene), make_plan(scene)
    publish_variant(variant_id=first.pk, actor=None)
    make_plan(make_scene(people=1))
    query = {"group": scene.group.code, "month": "2027-02"}
    found = planner.get(ROOT, query).json()
    assert [row["id"] for row in found["results"]] == [second.pk, first.pk]
    assert found["results"][0]["month"] == "2027-02"
    assert len(planner.get(ROOT, query | {"state": "published"}).json()["results"]) == 1
    assert planner.get(ROOT, query | {"month": "2027-03"}).json()["results"] == []
    assert planner.get(ROOT, {"month": "spring"}).status_code == 400


def test_a_variant_says_why_something_could_not_be_met(planner: APIClient) -> None:
    scene = make_scene(people=1)
    variant, person = make_plan(scene), scene.people[0].pk
    variant.reasons = [
        {"kind": "shortage", "queue": "q", "key": "head_count", "required_h": 100.0, "available_h": 80.5},
        {"kind": "shortage", "queue": "q", "key": "day", "required_h": 8.0, "available_h": 7.0, "day": 2},
        {"kind": "left_out", "employee_id": person, "name": "Anna", "key": "no_work_rule"},
        {"kind": "nobody", "queue": "q"},
        {
            "kind": "conflict",
            "queue": "q",
            "name": "Anna",
            "worker_id": person,
            "code": "month_norm",
            "article": "104",
            "limit_h": 168.0,
            "reachable_h": 165.0,
            "reason": "rotation",
        },
    ]
    variant.save()
    told = planner.get(f"{ROOT}{variant.pk}/").json()["reasons_text"]
    assert len(told) == 5
    assert "100" in told[0]
    assert "80" in told[0]
    assert "03" in told[1]
    assert "104" in told[4]


def test_shifts_come_with_their_activities(planner: APIClient) -> None:
    scene = make_scene(people=2)
    variant = make_plan(scene)
    address = f"{ROOT}{variant.pk}/shifts/"
    found = planner.get(address, {"employee": str(scene.people[0].pk), "local_date": "2027-02-02"}).json()
    (shift,) = found["results"]
    assert shift["start"] == "2027-02-02T06:00:00Z"
    assert [part["kind"] for part in shift["activities"]][:4] == ["work", "break", "work", "lunch"]
    assert len(planner.get(address).json()["results"]) == 10


def test_the_cover_is_given_by_queue(planner: APIClient) -> None:
    scene = make_scene(people=1, agents=2)
    found = planner.get(f"{ROOT}{make_plan(scene).pk}/cover/").json()
    queue = found["queues"][scene.queue.code]
    assert found["slot_s"] == 900
    assert len(queue["required"]) == len(queue["scheduled"]) == 28 * 96
    assert (queue["required"][36], queue["scheduled"][36]) == (2, 1)


def test_planning_is_long_work_and_refused_twice(planner: APIClient) -> None:
    scene = make_scene(people=1, agents=1)
    wanted = {"group": scene.group.code, "month": "2027-02", "time_limit_s": 5}
    first = planner.post(f"{ROOT}generate/", wanted, format="json")
    assert first.status_code == 202
    job = Job.objects.get(pk=first.json()["job"]["id"])
    assert first["Location"] == f"/api/v1/jobs/{job.pk}/"
    assert job.params == {"group_id": scene.group.pk, "month": "2027-02-01", "seed": 0, "time_limit_s": 5.0}
    second = planner.post(f"{ROOT}generate/", wanted, format="json")
    assert second.status_code == 409
    assert second["Content-Type"] == "application/problem+json"
    assert second.json()["job_url"] == f"/api/v1/jobs/{job.pk}/"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"month": "02.2027"}, "month"), ({"group": "none"}, "group"), ({"time_limit_s": 0}, "time_limit_s")],
)
def test_a_wrong_field_is_named(planner: APIClient, wrong: dict[str, object], field: str) -> None:
    scene = make_scene(people=1, agents=1)
    asked = {"group": scene.group.code, "month": "2027-02"} | wrong
    answer = planner.post(f"{ROOT}generate/", asked, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def test_publishing(planner: APIClient) -> None:
    scene = make_scene(people=1)
    variant, broken = make_plan(scene), make_plan(scene, days=range(7))
    published = planner.post(f"{ROOT}{variant.pk}/publish/")
    assert published.status_code == 200
    assert published.json()["state"] == VariantState.PUBLISHED
    again = planner.post(f"{ROOT}{variant.pk}/publish/")
    assert again.status_code == 409
    refused = planner.post(f"{ROOT}{broken.pk}/publish/")
    assert refused.status_code == 409
    assert refused.json()["violations"] == {"max_consecutive_days": 1, "weekly_rest": 1}
    assert planner.post(f"{ROOT}0/publish/").status_code == 404


def test_conflicts_are_told_in_words(planner: APIClient) -> None:
    scene = make_scene(people=1)
    variant = make_plan(scene, days=range(7))
    for finding in check_variant(variant.pk):
        RuleViolation.objects.create(variant=variant, **vars(finding))
    found = planner.get(f"{ROOT}conflicts/", {"variant": variant.pk}).json()
    assert {row["code"] for row in found["results"]} == {"max_consecutive_days", "weekly_rest"}
    assert {row["text"][-4:-1] for row in found["results"]} == {"110", "111"}


def test_a_supervisor_sees_published_shifts_of_the_own_people_only() -> None:
    scene, department = make_scene(), make_department()
    mine = scene.add_people(1, department=department)[0]
    scene.add_people(1)
    draft, published = make_plan(scene), make_plan(scene)
    publish_variant(variant_id=published.pk, actor=None)
    supervisor = client_of(make_user(Role.SUPERVISOR, department=department))
    assert [row["id"] for row in supervisor.get(ROOT).json()["results"]] == [published.pk]
    assert supervisor.get(f"{ROOT}{draft.pk}/").status_code == 404
    shifts = supervisor.get(f"{ROOT}{published.pk}/shifts/").json()["results"]
    assert {shift["employee"] for shift in shifts} == {mine.pk}
    wanted = {"group": scene.group.code, "month": "2027-02"}
    assert supervisor.post(f"{ROOT}generate/", wanted, format="json").status_code == 403
    assert supervisor.post(f"{ROOT}{draft.pk}/publish/").status_code == 403


def test_a_supervisor_learns_of_the_own_people_only() -> None:
    """Neither a reason, nor what the labour rules found, names somebody outside the department."""
    scene, department = make_scene(), make_department()
    mine = scene.add_people(1, department=department)[0]
    other = scene.add_people(1)[0]
    variant = make_plan(scene, days=range(7))
    for finding in check_variant(variant.pk):
        RuleViolation.objects.create(variant=variant, **vars(finding))
    conflict = {"code": "month_norm", "article": "104", "limit_h": 168.0, "reachable_h": 165.0}
    conflict |= {"kind": "conflict", "queue": "q", "reason": "rotation"}
    variant.reasons = [
        {"kind": "nobody", "queue": "q"},
        {"kind": "left_out", "employee_id": mine.pk, "name": "Mine", "key": "no_work_rule"},
        {"kind": "left_out", "employee_id": other.pk, "name": "Other", "key": "no_work_rule"},
        conflict | {"name": "Mine", "worker_id": mine.pk},
        conflict | {"name": "Other", "worker_id": other.pk},
    ]
    variant.state = VariantState.PUBLISHED
    variant.save()
    supervisor = client_of(make_user(Role.SUPERVISOR, department=department))
    told = supervisor.get(f"{ROOT}{variant.pk}/").json()
    assert [row.get("name") for row in told["reasons"]] == [None, "Mine", "Mine"]
    assert len(told["reasons_text"]) == 3
    assert not any("Other" in text for text in told["reasons_text"])
    found = supervisor.get(f"{ROOT}conflicts/", {"variant": variant.pk}).json()["results"]
    assert {row["employee"] for row in found} == {mine.pk}
    assert supervisor.get(f"{ROOT}conflicts/", {"employee": other.pk}).json()["results"] == []


def test_an_employee_sees_no_variants() -> None:
    variant = make_plan(make_scene(people=1))
    employee = client_of(make_user(Role.EMPLOYEE))
    assert employee.get(ROOT).json()["results"] == []
    for part in ("", "shifts/", "cover/"):
        assert employee.get(f"{ROOT}{variant.pk}/{part}").status_code == 404
