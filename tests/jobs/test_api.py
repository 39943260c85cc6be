from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from apps.audit.models import AuditEntry
from apps.core.phrases import Phrase
from apps.jobs import services
from tests.factories import make_user
from tests.jobs import sample_jobs

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from apps.accounts.models import User
    from apps.jobs.models import Job

pytestmark = pytest.mark.django_db
assert sample_jobs.add


def start(actor: User | None) -> Job:
    return services.start("tests.add", params={"a": 1, "b": 1}, actor=actor, title=Phrase.plain("A sum"))


def test_people_see_their_own_jobs_and_staff_all(client: Client) -> None:
    one, other, planner = make_user(), make_user(), make_user(is_staff=True)
    own, foreign = start(one), start(other)
    client.force_login(one)
    assert [job["id"] for job in client.get("/api/v1/jobs/").json()["results"]] == [str(own.pk)]
    assert client.get(f"/api/v1/jobs/{foreign.pk}/").status_code == 404
    assert client.post(f"/api/v1/jobs/{foreign.pk}/cancel/").status_code == 404
    client.force_login(planner)
    assert client.get("/api/v1/jobs/").json()["count"] == 2


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
    with django_assert_num_queries(6):
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
