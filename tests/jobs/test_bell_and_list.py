"""What a job's page tells, the list with its filters, the bell, starting again, and forgetting."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.utils import translation

from apps.core import clock
from apps.core.phrases import Phrase
from apps.jobs import services
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.registry import job_handler
from tests.factories import make_user

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from apps.accounts.models import User

pytestmark = pytest.mark.django_db
BEGUN = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def planner(client: Client) -> User:
    user = make_user("planner", language="en")
    client.force_login(user)
    return user


def _job(owner: User, kind: str = "demo.sleep", **facts: object) -> Job:
    title = Phrase.plain("Long work")
    return Job.objects.create(kind=kind, title=title, queue="bulk", created_by=owner, **facts)


def _ended(owner: User, state: JobState = JobState.SUCCEEDED, **facts: object) -> Job:
    return _job(owner, state=state, finished_at=clock.now(), **facts)


def after(seconds: float) -> dt.datetime:
    return BEGUN + dt.timedelta(seconds=seconds)


def test_the_list_by_kind_and_owner(client: Client, planner: User) -> None:
    mine, other = _job(planner), _job(make_user("planner"), kind="demo.other")
    assert set(client.get("/jobs/").context["jobs"]) == {mine, other}
    assert list(client.get("/jobs/?owner=mine").context["jobs"]) == [mine]
    page = client.get("/jobs/?kind=demo.other")
    assert list(page.context["jobs"]) == [other]
    assert [kind for kind, _name in page.context["kinds"]] == ["demo.other", "demo.sleep"]
    assert client.get("/jobs/?owner=mine&kind=demo.other").status_code == 200


def test_the_page_tells_stages_and_what_is_left(client: Client, planner: User) -> None:
    stages = [
        {"stage": Phrase.plain(name).as_json(), "began_at": after(at).isoformat()}
        for name, at in (("Reading", 0), ("Solving", 20))
    ]
    told = {"started_at": BEGUN, "progress_at": after(60), "progress": 0.25}
    job = _job(planner, state=JobState.RUNNING, stages=stages, **told)
    with time_machine.travel(after(60), tick=False):
        assert job.remaining_s == pytest.approx(180)
        assert job.ends_at == after(240)
        page = client.get(f"/jobs/{job.pk}/progress/?part=whole").content.decode()
    assert page.index("Reading") < page.index("Solving")
    first, second = job.passed_stages
    assert (first.seconds, second.seconds, second.ended_at) == (20.0, None, None)
    with translation.override("en"), time_machine.travel(after(60), tick=False):
        english = client.get(f"/jobs/{job.pk}/progress/", headers={"accept-language": "en"})
    assert "about 3 min left" in english.content.decode()


@pytest.mark.parametrize(
    ("worked_s", "progress", "now_s"),
    [(4, 0.5, 4), (60, 0.04, 60), (60, 0.5, 121)],
    ids=["too early", "too little done", "overdue"],
)
def test_no_end_is_promised_without_evidence(
    planner: User, worked_s: int, progress: float, now_s: int
) -> None:
    told = {"started_at": BEGUN, "progress_at": after(worked_s), "progress": progress}
    job = _job(planner, state=JobState.RUNNING, **told)
    with time_machine.travel(after(now_s), tick=False):
        assert (job.remaining_s, job.ends_at) == (None, None)


def test_the_rest_of_the_page_follows_only_when_it_changed(client: Client, planner: User) -> None:
    job = _job(planner, state=JobState.RUNNING)
    address = f"/jobs/{job.pk}/progress/?part=whole&known={job.history_mark}"
    assert "job-history" not in client.get(address).content.decode()
    Job.objects.filter(pk=job.pk).update(log=["a line"])
    changed = client.get(address).content.decode()
    assert 'id="job-history" hx-swap-oob="true"' in changed
    assert "a line" in changed


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_reason_is_read_in_the_language_of_the_reader(client: Client, language: str) -> None:
    reader = make_user("planner", language=language)
    client.force_login(reader)
    reason = Phrase("The person who started this is no longer there.")
    job = _ended(reader, JobState.FAILED, reason=reason)
    page = client.get(f"/jobs/{job.pk}/", headers={"accept-language": language}).content.decode()
    with translation.override(language):
        assert str(reason) in page


def test_work_that_failed_is_started_again_once(client: Client, planner: User) -> None:
    @job_handler("tests.again", repeat=lambda job, actor: _job(actor, kind="tests.again", params=job.params))
    def again(_context: object) -> None: ...

    job = _ended(planner, JobState.FAILED, kind="tests.again", params={"seed": 7})
    assert f"/jobs/{job.pk}/repeat/" in client.get(f"/jobs/{job.pk}/").content.decode()
    goals = [client.post(f"/jobs/{job.pk}/repeat/")["Location"] for _ in range(2)]
    made = Job.objects.get(repeat_of=job)
    assert goals == [f"/jobs/{made.pk}/"] * 2
    assert made.params == {"seed": 7}
    assert f"/jobs/{made.pk}/" in client.get(f"/jobs/{job.pk}/").content.decode()


def test_what_succeeded_or_has_no_way_to_start_again_offers_none(client: Client, planner: User) -> None:
    for job in (_ended(planner), _ended(planner, JobState.FAILED)):
        assert "/repeat/" not in client.get(f"/jobs/{job.pk}/").content.decode()
        assert client.post(f"/jobs/{job.pk}/repeat/")["Location"] == f"/jobs/{job.pk}/"
    assert not Job.objects.filter(repeat_of__isnull=False).exists()


def test_the_bell_rings_for_ones_own_news_until_they_are_seen(client: Client, planner: User) -> None:
    _ended(make_user("planner"))
    _job(planner, state=JobState.RUNNING, progress=0.5)
    old, new = _ended(planner), _ended(planner, JobState.FAILED)
    bell = client.get("/jobs/bell/")
    assert (bell.context["active"], bell.context["unseen"], len(bell.context["jobs"])) == (1, 2, 3)
    assert old.finished_at is not None
    assert new.finished_at is not None
    seen = client.post("/jobs/bell/seen/", {"until": old.finished_at.isoformat()})
    assert seen.context["unseen"] == 0
    assert client.get("/jobs/bell/").context["unseen"] == 1  # what ended later is news still
    client.post("/jobs/bell/seen/", {"until": new.finished_at.isoformat()})
    assert client.get("/jobs/bell/").context["unseen"] == 0
    assert client.post("/jobs/bell/seen/", {"until": "yesterday"}).status_code == 400


def test_the_bell_costs_one_query_beside_the_session(
    client: Client, planner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        _ended(planner)
    with django_assert_num_queries(3):  # session, person, jobs
        bell = client.get("/jobs/bell/")
    assert len(bell.context["jobs"]) == 8


@pytest.mark.usefixtures("planner")
def test_the_bell_hangs_on_pages_and_admin_but_not_for_strangers(client: Client) -> None:
    for address in ("/jobs/", "/admin/"):
        assert 'popovertarget="bell-box"' in client.get(address).content.decode()
    client.logout()
    assert "bell-box" not in client.get("/accounts/login/").content.decode()
    assert client.get("/jobs/bell/").status_code == 204


def test_jobs_that_ended_long_ago_are_forgotten(planner: User, settings: Any) -> None:
    settings.JOBS_KEPT_DAYS = 30
    long_ago = clock.now() - dt.timedelta(days=31)
    _job(planner, state=JobState.SUCCEEDED, finished_at=long_ago)
    kept = [
        _job(planner, state=JobState.SUCCEEDED, finished_at=clock.now() - dt.timedelta(days=29)),
        _job(planner, created_at=long_ago),
        _job(planner, state=JobState.RUNNING, created_at=long_ago),
    ]
    assert services.prune() == 1
    assert set(Job.objects.all()) == set(kept)
    settings.JOBS_KEPT_DAYS = 0
    Job.objects.update(finished_at=long_ago)
    assert services.prune() == 0
