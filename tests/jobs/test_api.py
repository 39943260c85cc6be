from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.core.errors import ConflictError
from apps.core.phrases import Phrase
from apps.jobs import services
from tests.factories import make_department, make_grant, make_user
from tests.jobs import sample_jobs

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from apps.accounts.models import User
    from apps.jobs.models import Job

pytestmark = pytest.mark.django_db
assert sample_jobs.add


def start(actor: User | None, *, dedupe_key: str = "") -> Job:
    return services.start(
        "tests.add",
        params={"a": 1, "b": 1},
        actor=actor,
        title=Phrase.plain("A sum"),
        dedupe_key=dedupe_key,
    )


@pytest.mark.parametrize("role", ["", Role.EMPLOYEE, Role.SUPERVISOR])
@pytest.mark.parametrize("is_staff", [False, True])
def test_others_see_their_own_jobs_only(client: Client, role: str, is_staff: bool) -> None:
    one, other = make_user(is_staff=is_staff), make_user(Role.PLANNER)
    if role:
        make_grant(one, role, department=make_department() if role == Role.SUPERVISOR else None)
    own = start(one)
    client.force_login(one)
    for foreign in (start(other), start(None)):
        assert [job["id"] for job in client.get("/api/v1/jobs/").json()["results"]] == [str(own.pk)]
        assert client.get(f"/api/v1/jobs/{foreign.pk}/").status_code == 404
        assert client.post(f"/api/v1/jobs/{foreign.pk}/cancel/").status_code == 404
        assert client.get(f"/jobs/{foreign.pk}/").status_code == 404
        assert client.get(f"/jobs/{foreign.pk}/progress/").status_code == 404


@pytest.mark.parametrize("role", [Role.PLANNER, Role.ADMIN])
def test_planners_and_administrators_see_the_jobs_of_all_and_of_the_system(
    client: Client, role: Role
) -> None:
    jobs = [start(make_user(Role.PLANNER)), start(None)]
    client.force_login(make_user(role))
    assert len(client.get("/api/v1/jobs/").json()["results"]) == len(jobs)
    for job in jobs:
        assert client.get(f"/jobs/{job.pk}/").status_code == 200
        assert client.get(f"/jobs/{job.pk}/progress/").status_code == 200
        assert client.post(f"/api/v1/jobs/{job.pk}/cancel/").status_code == 200


def test_the_job_that_a_refusal_names_opens_for_another_planner(client: Client) -> None:
    first = start(make_user(Role.PLANNER), dedupe_key="month:7")
    client.force_login(make_user(Role.PLANNER))
    with pytest.raises(ConflictError) as refused:
        start(None, dedupe_key="month:7")
    assert client.get(refused.value.extra["job_url"]).json()["id"] == str(first.pk)


def test_nobody_sees_jobs_without_signing_in(client: Client) -> None:
    job = start(None)
    for path in ("/api/v1/jobs/", f"/api/v1/jobs/{job.pk}/"):
        assert client.get(path).status_code in {401, 403}


def test_a_job_tells_how_far_it_is(client: Client) -> None:
    user = make_user()
    job = start(user)
    client.force_login(user)
    body = client.get(reverse("jobs:detail", args=[job.pk])).json()
    assert (body["state"], body["progress"], body["result"]) == ("queued", 0.0, {})
    cancelled = client.post(reverse("jobs:cancel", args=[job.pk]))
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    again = client.post(reverse("jobs:cancel", args=[job.pk]))
    assert (again.status_code, again["Content-Type"]) == (409, "application/problem+json")


def test_an_unknown_job_is_a_problem_document(client: Client) -> None:
    client.force_login(make_user())
    answer = client.get(f"/api/v1/jobs/{uuid.uuid4()}/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_list_costs_the_same_however_long(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = make_user()
    client.force_login(user)
    for _ in range(5):
        start(user)
    with django_assert_num_queries(5):
        client.get("/api/v1/jobs/?state=queued&ordering=-created_at&page_size=3")


def test_starting_and_cancelling_is_recorded() -> None:
    user = make_user()
    job = start(user)
    services.cancel(job.pk, actor=user)
    entries = AuditEntry.objects.filter(object_id=str(job.pk)).order_by("pk")
    assert [(entry.action, entry.actor_id) for entry in entries] == [
        ("job.started", user.pk),
        ("job.cancelled", user.pk),
    ]
