"""A planner sends schedules to 1C and decides about a fact: in a browser, against a simulated 1C."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from apps.accounts.choices import Role
from apps.core import clock
from apps.integrations.models import FactSend, Run
from apps.integrations.services.fact_sends import send_facts
from apps.integrations.types import WorkedTime
from apps.jobs.models import Job
from apps.jobs.services import run_now
from tests.factories import make_user
from tests.factories.accounts import PASSWORD
from tests.integrations.draining import drain, make_due
from tests.integrations.onec_people import MOSCOW, make_agent, make_onec, publish
from tests.integrations.simulated import simulated_thread
from tests.journeys.browser import PHONE, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from pytest_django.live_server_helper import LiveServer

    from tests.integrations.simulated import Simulated

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/integrations/1c/schedules/"


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
def onec() -> Iterator[Simulated]:
    with simulated_thread("onec", "--people", "0") as server:
        yield server


def test_schedules_are_sent_and_a_refusal_is_read(visitor: Visitor, onec: Simulated) -> None:
    month = (clock.now().date().replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    make_onec(onec, name="1С:ЗУП")
    for number, name in enumerate(("Орлова", "Петрова", "Сидорова")):
        publish(make_agent(onec, f"a-{number}", last_name=name), f"{month + dt.timedelta(days=9)} 09:00")
    onec.post("/_refusals", {"agentId": "a-1", "message": "Договор не подписан"})
    page = visitor.open(f"{PAGE}?month={month:%Y-%m}")
    assert page.locator("tbody tr").count() == 3
    page.get_by_role("button", name="Send what changed").click()
    page.wait_for_url("**/runs/*/")
    run_now(Job.objects.get())
    drain()
    visitor.open(f"{PAGE}runs/{Run.objects.get().pk}/")
    page.get_by_text("Договор не подписан").wait_for()
    assert visitor.axe() == []
    visitor.open(f"{PAGE}?month={month:%Y-%m}")
    assert page.locator("tbody .badge.good").count() == 2
    assert visitor.axe() == []
    assert visitor.too_wide_for(PHONE) == []


def test_a_person_decides_about_a_fact(visitor: Visitor, onec: Simulated) -> None:
    connection, person = make_onec(onec), make_agent(onec, "a-1", last_name="Орлова")
    start = dt.datetime.combine(clock.now().date(), dt.time(9), MOSCOW)
    worked = WorkedTime(person.pk, start.date(), ((start, start + dt.timedelta(hours=10)),))
    (fact,) = send_facts(connection, [worked], initiator="Петрова А. А.", actor=None)
    onec.fault("cut", "sendFactWorkTime", times=1, effect=False)
    drain()
    make_due()
    drain()
    page = visitor.open("/integrations/1c/facts/?state=decide")
    assert visitor.axe() == []
    page.get_by_role("link", name="Орлова").click()
    page.get_by_text("РВ 10").wait_for()
    assert visitor.axe() == []
    page.fill("#reason", "В 1С этого нет")
    page.get_by_role("button", name="Send it", exact=True).click()
    page.locator("dialog[open] button.danger, dialog[open] button.primary").first.click()
    page.get_by_text("Your decision is kept.").wait_for()
    drain()
    fact = FactSend.objects.get()
    assert (fact.state, fact.document) == ("sent", "Weekend Work")
    assert len(onec.ledger("fact_document")) == 1
    assert visitor.open(f"/integrations/1c/facts/{fact.pk}/").get_by_text("Weekend Work").count() == 1
