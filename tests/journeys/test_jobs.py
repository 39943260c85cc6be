"""The bell and a job's page, by keyboard alone, while the work moves on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from apps.accounts.choices import Role
from apps.core import clock
from apps.core.phrases import Phrase
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from tests.factories import make_user
from tests.factories.accounts import PASSWORD
from tests.journeys.browser import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from pytest_django.live_server_helper import LiveServer

    from apps.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)
ON_A_BUTTON = "document.activeElement.id"


@pytest.fixture
def planner() -> User:
    return make_user(Role.PLANNER, username="planner", language="en")


@pytest.fixture
def visitor(live_server: LiveServer, browser: Browser, planner: User) -> Iterator[Visitor]:
    person = Visitor(browser, live_server.url)
    person.sign_in(planner.username, PASSWORD)
    yield person
    person.page.goto("about:blank")  # nobody asks while the database is emptied
    person.close()
    assert person.complaints == [], "\n".join(person.complaints)


def _job(owner: User, title: str, **facts: object) -> Job:
    phrase = Phrase.plain(title)
    return Job.objects.create(kind="demo.sleep", title=phrase, queue="bulk", created_by=owner, **facts)


def test_the_bell_is_opened_read_and_shut_by_keyboard(visitor: Visitor, planner: User) -> None:
    running = _job(planner, "Forecast of Bank", state=JobState.RUNNING, progress=0.4)
    ended = {"state": JobState.SUCCEEDED, "finished_at": clock.now(), "result_url": "/jobs/"}
    done = _job(planner, "Schedule of Bank", **ended)
    page = visitor.open("/jobs/")
    page.locator("#bell .bell-count").wait_for()
    assert page.locator("#bell").inner_text().strip().endswith("1")  # one of them is news
    page.locator("#bell").focus()
    page.keyboard.press("Enter")
    page.locator("#bell-box").get_by_text("Forecast of Bank").wait_for()
    expect(page.locator("#bell .bell-count:not(.busy)")).to_have_count(0)
    done.refresh_from_db()
    assert done.seen_at is not None
    page.keyboard.press("Tab")  # to all jobs
    page.keyboard.press("Tab")
    assert page.evaluate(ON_A_BUTTON) in {f"bell-{job.pk}" for job in (running, done)}
    page.keyboard.press("Escape")
    page.locator("#bell-box").wait_for(state="hidden")
    assert page.evaluate(ON_A_BUTTON) == "bell"


def test_a_job_moves_and_ends_before_the_eyes_of_who_waits(visitor: Visitor, planner: User) -> None:
    job = _job(
        planner, "Plan", state=JobState.RUNNING, started_at=clock.now(), stage=Phrase.plain("Days off")
    )
    page = visitor.open(f"/jobs/{job.pk}/")
    page.locator(f"#stop-{job.pk}").focus()
    height = page.locator(".job.whole").bounding_box()
    stages = [{"stage": Phrase.plain("Breaks").as_json(), "began_at": clock.now().isoformat()}]
    Job.objects.filter(pk=job.pk).update(
        progress=0.6, stage=Phrase.plain("Breaks"), stages=stages, log=["2027-02-01T00:00:00Z a line"]
    )
    page.locator(".job-percent", has_text="60").wait_for()
    page.locator("#job-history").get_by_text("a line").wait_for()
    expect(page.locator("#job-said")).to_contain_text("Breaks")
    assert page.locator(".job.whole").bounding_box() == height  # nothing jumps
    assert page.evaluate(ON_A_BUTTON) == f"stop-{job.pk}"  # nor does the focus
    page.reload()
    page.locator(".job-percent", has_text="60").wait_for()
    Job.objects.filter(pk=job.pk).update(
        state=JobState.FAILED, finished_at=clock.now(), reason=Phrase.plain("Nobody is there.")
    )
    page.locator(".job.whole .notice").get_by_text("Nobody is there.").wait_for()
    assert page.locator("[hx-trigger='every 1s']").count() == 0
