"""Jobs as people see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from apps.core.phrases import Phrase
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from tests.factories import make_user

if TYPE_CHECKING:
    from django.test import Client

    from apps.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner(client: Client) -> User:
    user = make_user("planner")
    client.force_login(user)
    return user


def _job(owner: User, **facts: object) -> Job:
    title = Phrase.plain("Long work")
    return Job.objects.create(kind="demo.sleep", title=title, queue="bulk", created_by=owner, **facts)


def test_a_running_job_asks_again_and_can_be_stopped(client: Client, planner: User) -> None:
    job = _job(planner, state=JobState.RUNNING, progress=0.42, stage=Phrase.plain("Breaks"))
    part = client.get(f"/jobs/{job.pk}/progress/")
    text = part.content.decode()
    assert 'hx-trigger="every 2s"' in text
    assert 'value="0.4200"' in text
    assert "HX-Trigger" not in part
    stopped = client.post(f"/jobs/{job.pk}/stop/", headers={"hx-request": "true"})
    assert stopped.status_code == 200
    job.refresh_from_db()
    assert job.cancel_requested


def test_a_finished_job_asks_no_more_and_tells_the_page(client: Client, planner: User) -> None:
    job = _job(planner, state=JobState.FAILED, reason=Phrase.plain("Nobody is there."))
    part = client.get(f"/jobs/{job.pk}/progress/")
    assert part["HX-Trigger"] == "jobFinished"
    assert "hx-trigger" not in part.content.decode()
    assert "Nobody is there." in part.content.decode()


def test_a_waiting_job_is_stopped_at_once_and_the_page_is_told(client: Client, planner: User) -> None:
    job = _job(planner)
    stopped = client.post(f"/jobs/{job.pk}/stop/", headers={"hx-request": "true"})
    assert stopped["HX-Trigger"] == "jobFinished"
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_stopping_a_finished_job_is_refused_with_words(client: Client, planner: User) -> None:
    job = _job(planner, state=JobState.SUCCEEDED)
    answer = client.post(f"/jobs/{job.pk}/stop/", headers={"hx-request": "true"})
    assert answer.status_code == 409
    assert answer["Content-Type"].startswith("text/plain")


def test_list_by_state_and_page_of_a_job(client: Client, planner: User) -> None:
    done = _job(planner, state=JobState.SUCCEEDED, result={"variant": 7}, log=["one"], result_url="/x/")
    _job(planner, state=JobState.FAILED)
    assert len(client.get("/jobs/").context["jobs"]) == 2
    assert list(client.get("/jobs/?state=succeeded").context["jobs"]) == [done]
    page = client.get(f"/jobs/{done.pk}/").content.decode()
    assert 'href="/x/"' in page
    assert "<code>variant</code>" in page


def test_planners_see_and_stop_the_jobs_of_each_other(client: Client, planner: User) -> None:
    job = _job(planner)
    client.force_login(make_user("planner"))
    assert client.get(f"/jobs/{job.pk}/progress/").status_code == 200
    client.post(f"/jobs/{job.pk}/stop/")
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_jobs_of_others_do_not_exist_for_an_employee(client: Client, planner: User) -> None:
    job = _job(planner)
    client.force_login(make_user("employee"))
    for path in ("", "progress/"):
        assert client.get(f"/jobs/{job.pk}/{path}").status_code == 404
    assert client.post(f"/jobs/{job.pk}/stop/").status_code == 404
