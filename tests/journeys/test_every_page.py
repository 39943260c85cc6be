"""Every page and admin page, found by itself: no serious finding of axe in both themes, no violation of the
policy, no script error, no time without the clock it is on, nothing wider than a phone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import path
from playwright.sync_api import expect

from tests.factories.accounts import PASSWORD
from tests.journeys.browser import PHONE, Visitor
from tests.journeys.examples import ADMIN, Examples, admin_pages, make_examples, pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from pytest_django.live_server_helper import LiveServer

ZOOMED = (683, 450)
"""What a screen of 1366 pixels is to a page at 200 %."""


@pytest.fixture
def examples(transactional_db: None) -> Examples:  # noqa: ARG001 - the database
    return make_examples()


@pytest.fixture
def visitor(examples: Examples, live_server: LiveServer, browser: Browser) -> Iterator[Visitor]:  # noqa: ARG001 - made first
    person = Visitor(browser, live_server.url, language="ru")
    yield person
    person.close()
    assert person.complaints == [], "\n".join(person.complaints)


def test_pages(visitor: Visitor, examples: Examples) -> None:
    visitor.open("/accounts/login/")
    findings = visitor.axe()
    visitor.sign_in(ADMIN, PASSWORD)
    for address in pages(examples):
        visitor.open(address)
        findings += visitor.axe(frame=address == "/my-schedule/") + visitor.times_without_zone()
        findings += visitor.too_wide_for(PHONE) + visitor.too_wide_for(ZOOMED)
    assert findings == [], "\n".join(findings)


def test_admin_pages(visitor: Visitor, examples: Examples) -> None:
    visitor.sign_in(ADMIN, PASSWORD)
    findings = []
    for address in admin_pages(examples):
        visitor.open(address)
        findings += visitor.axe(frame=address == "/admin/") + visitor.times_without_zone()
        findings += visitor.too_wide_for(PHONE)
    assert findings == [], "\n".join(findings)


def test_refusals_and_errors(visitor: Visitor, examples: Examples) -> None:
    """What answers where there is no page, and where one may not go."""
    visitor.sign_in(examples.employee.username, PASSWORD)
    findings = []
    for address, status in {"/nowhere/": 404, "/jobs/?x=%00": 400, "/admin/": 403, "/planning/": 403}.items():
        visitor.open(address, status)
        findings += visitor.axe() + visitor.too_wide_for(PHONE)
    visitor.complaints[:] = [text for text in visitor.complaints if "Failed to load resource" not in text]
    assert findings == [], "\n".join(findings)


def test_keyboard_reaches_every_control_and_shows_where_it_is(visitor: Visitor, examples: Examples) -> None:
    """By Tab alone: nothing that can be clicked is left out, and each stop is marked."""
    visitor.sign_in(ADMIN, PASSWORD)
    for address in (
        "/admin/",
        "/jobs/",
        f"/admin/organization/employee/{examples.administrator.employee.pk}/change/",
    ):
        visitor.open(address)
        assert visitor.out_of_reach() == []


def test_a_page_without_example_is_named(examples: Examples, settings: pytest.FixtureRequest) -> None:
    settings.ROOT_URLCONF = __name__  # type: ignore[attr-defined]
    with pytest.raises(AssertionError, match=r"forgotten \(forgotten/<int:pk>/\)"):
        pages(examples)


urlpatterns = [path("forgotten/<int:pk>/", print, name="forgotten")]


def test_choices_of_the_view_stay_with_the_person(visitor: Visitor) -> None:
    visitor.sign_in(ADMIN, PASSWORD)
    for page in ("/jobs/", "/admin/"):
        visitor.open(page)
        visitor.page.click(".view-settings summary")
        visitor.page.click("button[name=density][value=compact]")
        expect(visitor.page.locator("html")).to_have_attribute("data-density", "compact")
        visitor.page.click(".view-settings summary")
        visitor.page.click("button[name=density][value=comfortable]")
        expect(visitor.page.locator("html")).to_have_attribute("data-density", "comfortable")
