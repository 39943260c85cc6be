"""A planner looks at what 1C would change of people, and decides: in a browser, against a simulated 1C."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from apps.accounts.choices import Role
from apps.integrations.choices import RunState
from apps.integrations.services.personnel import PERSONNEL
from apps.jobs.models import Job
from apps.jobs.services import run_now
from apps.organization.models import Employee
from tests.factories import make_user
from tests.factories.accounts import PASSWORD
from tests.integrations.onec_people import make_onec
from tests.integrations.onec_runs import run_for
from tests.integrations.simulated import simulated_thread
from tests.journeys.browser import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from pytest_django.live_server_helper import LiveServer

    from apps.integrations.models import Run

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 20


@pytest.fixture
def visitor(live_server: LiveServer, browser: Browser) -> Iterator[Visitor]:
    planner = make_user(Role.PLANNER, username="planner", language="en")
    person = Visitor(browser, live_server.url)
    person.sign_in(planner.username, PASSWORD)
    yield person
    person.page.goto("about:blank")
    person.close()
    assert person.complaints == [], "\n".join(person.complaints)


@pytest.fixture
def run() -> Run:
    """Give a run that waits: somebody has a new name, three are missing from the answer."""
    with simulated_thread("onec", "--people", str(PEOPLE)) as server:
        connection = make_onec(server)
        assert run_for(connection, PERSONNEL).state == RunState.DONE
        agents = list(
            Employee.objects.filter(dismissed_on=None).order_by("pk").values_list("external_id", flat=True)
        )
        server.post("/_people", {"action": "rename", "agentId": agents[0], "lastname": "Новоселова"})
        for agent in agents[1:4]:
            server.post("/_people", {"action": "forget", "agentId": agent})
        return run_for(connection, PERSONNEL)


def test_a_plan_is_seen_filtered_and_applied_without_the_missing(visitor: Visitor, run: Run) -> None:
    assert run.state == RunState.WAITING
    page = visitor.open(f"/integrations/runs/{run.pk}/people/")
    page.get_by_text("Новоселова").first.wait_for()
    assert page.locator("tbody tr").count() >= 4
    page.locator("#action").select_option("vanished")
    page.wait_for_url("**action=vanished**")
    assert page.get_by_text("Новоселова").count() == 0
    assert page.locator("tbody").get_by_text("not in the answer", exact=True).count() == 3
    assert visitor.axe() == []
    page.locator("#action").select_option("update")
    page.wait_for_url("**action=update**")
    page.get_by_role("button", name="Apply, dismiss nobody missing").click()
    page.wait_for_url("**/jobs/**")
    run_now(Job.objects.get(kind="integrations.apply_personnel"))
    run.refresh_from_db()
    assert (run.state, run.counts["updated"], run.counts["deactivated"]) == (RunState.DONE, 1, 0)
    page = visitor.open(f"/integrations/runs/{run.pk}/people/")
    assert page.get_by_role("button", name="Decline").count() == 0
    assert Employee.objects.filter(last_name="Новоселова").exists()
    assert page.get_by_text("Applied").count() >= 1


def test_dismissing_the_missing_is_asked_again(visitor: Visitor, run: Run) -> None:
    page = visitor.open(f"/integrations/runs/{run.pk}/people/")
    page.get_by_role("button", name="Apply all, dismiss the missing").click()
    page.locator("#confirm-dialog").get_by_role("button", name="Not now").click()
    assert not Job.objects.filter(kind="integrations.apply_personnel").exists()
    page.get_by_role("button", name="Decline").click()
    page.get_by_text("The plan is declined").wait_for()
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
