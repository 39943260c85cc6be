"""A planner takes a month from history to a published schedule; a supervisor and an employee see theirs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from apps.schedules.choices import VariantState
from apps.schedules.models import ScheduleVariant
from tests.conftest import worker_process
from tests.factories.accounts import PASSWORD
from tests.journeys.browser import PHONE, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

JOB_MS = 90_000
PLACE = "/planning/bank/2027-02"


@pytest.mark.usefixtures("empty_queues", "centre")
def test_from_history_to_everybodys_schedule(live_server: LiveServer, browser: Browser) -> None:
    planner = Visitor(browser, live_server.url)
    planner.sign_in("planner", PASSWORD)
    page = planner.open(f"{PLACE}/")
    with worker_process("interactive,optimise,integrate,bulk"):
        _run(page, "#run-forecast", "version 1")
        _run(page, "#run-requirement", "from forecast 1")
        page.select_option("#id_time_limit_s", "10")
        _run(page, "#run-plan", "variant 1")
    page.click("#open-publish")
    page.click("#publish-dialog button.primary")
    expect(page.locator(".toast.success")).to_contain_text("Variant 1 is published")
    variant = ScheduleVariant.objects.get()
    assert variant.state == VariantState.PUBLISHED
    assert variant.metrics["hard_violations"] == 0
    _look_at_grids(planner, people=8)
    planner.close()

    supervisor = Visitor(browser, live_server.url)
    supervisor.sign_in("supervisor", PASSWORD)
    _look_at_grids(supervisor, people=4)
    supervisor.close()

    employee = Visitor(browser, live_server.url, size=PHONE, language="ru")
    employee.sign_in("employee", PASSWORD)
    own = employee.open("/my-schedule/?month=2027-02")
    first = own.locator(".agenda details").first
    first.locator("summary").click()
    expect(first.locator(".parts li").first).to_be_visible()
    assert own.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    employee.close()
    assert planner.complaints + supervisor.complaints + employee.complaints == []


def _run(page: Page, button: str, outcome: str) -> None:
    """Press a stage's button and wait until the page shows the outcome by itself."""
    page.click(button)
    expect(page.locator("#stages")).to_contain_text(outcome, timeout=JOB_MS)
    expect(page.locator("#stages .job [hx-trigger]")).to_have_count(0)


def _look_at_grids(visitor: Visitor, *, people: int) -> None:
    page = visitor.open(f"{PLACE}/schedule/")
    expect(page.locator(".g-body .g-row")).to_have_count(people)
    cell = page.locator(".g-body [role=gridcell]").first
    cell.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("d")
    expect(page).to_have_url(re.compile(r"/schedule/2027-02-02/"))
    assert page.locator(".g-body .g-row").count() <= people
