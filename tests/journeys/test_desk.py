"""The desk by keyboard alone: outlier left out, new forecast, growth, comparison, activation, derivation."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from apps.demand.models import HistoryCorrection, IntervalHistory
from apps.forecasts.models import ForecastVersion
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.services import run_now
from apps.staffing.models import RequirementVersion
from tests.factories.accounts import PASSWORD
from tests.journeys.browser import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

WILD = dt.datetime(2027, 1, 13, 9, tzinfo=dt.UTC)
MOST_TABS = 120


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what `selector` names has the focus."""
    page.locator("#content").focus()
    for _tab in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    pytest.fail(f"{selector} is not reached by Tab")


def type_into(page: Page, selector: str, text: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def finish(kind: str) -> None:
    """Do the work of the job that the page started."""
    job = run_now(Job.objects.filter(kind=kind).latest("created_at"))
    assert job.state == JobState.SUCCEEDED, job.reason


@pytest.mark.usefixtures("empty_queues", "centre")
def test_from_an_outlier_to_the_new_requirement(live_server: LiveServer, browser: Browser) -> None:
    IntervalHistory.objects.filter(start=WILD).update(offered=300, handled=300)
    planner = Visitor(browser, live_server.url)
    planner.sign_in("planner", PASSWORD)
    correction = leave_out(planner.open("/queues/calls/history/outliers/"))
    forecast(planner.open("/queues/calls/forecast/"))
    first = ForecastVersion.objects.get()
    assert first.inputs["corrections"] == [correction.pk]
    page = planner.open(f"/queues/calls/forecast/?version={first.pk}")
    second = grow(page, first)
    press(page, "a[href*='/forecast/compare/']")
    expect(page.locator("tfoot")).to_contain_text("25.0%")
    activate(planner.open(f"/queues/calls/forecast/?version={second.pk}"), second)
    page = planner.open("/queues/calls/forecast/")
    expect(page.locator("main")).to_contain_text("was derived from this version")
    assert RequirementVersion.objects.get().forecast == second
    planner.close()
    assert planner.complaints == []


def leave_out(page: Page) -> HistoryCorrection:
    tab_to(page, "input[name=span]")
    page.keyboard.press("Space")
    type_into(page, "#id_reason", "A broken counter")
    page.keyboard.press("Enter")
    expect(page.locator(".toast.success")).to_contain_text("1 correction was made")
    row = HistoryCorrection.objects.get()
    assert (row.start, row.action) == (WILD, "exclude")
    return row


def forecast(page: Page) -> None:
    for name, day in (("first", "02012027"), ("last", "02282027")):
        tab_to(page, f"#id_{name}")
        page.keyboard.type(day)
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs/**")
    finish("forecasts.run")


def grow(page: Page, version: ForecastVersion) -> ForecastVersion:
    press(page, f"a[href='/forecasts/{version.pk}/adjust/']")
    type_into(page, "#id_value", "1.25")
    type_into(page, "#id_reason", "A campaign")
    expect(page.locator("#effect-title").locator("xpath=../..")).to_contain_text("Required person-hours")
    press(page, "form#adjust button.primary")
    expect(page.locator(".toast.success")).to_contain_text("Version 2 was made")
    return ForecastVersion.objects.get(number=2)


def activate(page: Page, version: ForecastVersion) -> None:
    press(page, f"a[href='/forecasts/{version.pk}/activate/']")
    expect(page.locator("#effect-title").locator("xpath=../..")).to_contain_text("Most agents at once")
    press(page, "main form button.primary")
    expect(page.locator(".toast.success")).to_contain_text("Version 2 is planned from")
    press(page, f"form[action='/forecasts/{version.pk}/derive/'] button")
    page.wait_for_url("**/jobs/**")
    finish("staffing.derive")
