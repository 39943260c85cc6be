"""Answers of contact centres that say less, or more, than a run hopes for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.urls import reverse

from apps.accounts.choices import Role
from apps.core.phrases import Phrase
from apps.integrations.choices import RunState
from apps.integrations.models import Run
from apps.integrations.services.centre.reporting import note
from apps.integrations.types import RunInHand
from apps.monitoring.models import AgentLink, QueueLink
from apps.monitoring.types import Problem
from tests.factories import make_user
from tests.factories.integrations import make_connection
from tests.integrations.simulated_centre import contact_centre
from tests.integrations.test_centre_runs import DAY, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from apps.integrations.models import Connection
    from tests.integrations.simulated import Simulated

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def centre() -> Iterator[Simulated]:
    with contact_centre() as simulated:
        yield simulated


@pytest.fixture
def connection(centre: Simulated) -> Connection:
    return make_connection(
        system="contact_centre",
        base_url=centre.url,
        authentication="none",
        options={"create_queues": True},
    )


def listed() -> tuple[int, int]:
    agents = AgentLink.objects.filter(is_listed=True)
    return agents.count(), QueueLink.objects.filter(is_listed=True).count()


def test_an_empty_list_of_people_leaves_what_is_known_and_says_so(
    connection: Connection, centre: Simulated
) -> None:
    run(connection, "centre.personnel")
    before = listed()
    assert min(before) > 0
    body = json.dumps({"field": None, "message": "No data", "description": ""})
    centre.fault("status", "/personnel", status=404, content="json", body=body)
    done = run(connection, "centre.personnel")
    assert [problem["field"] for problem in done.problems] == ["services", "agents"]
    assert listed() == before


def test_what_a_centre_says_to_a_refusal_is_told(connection: Connection, centre: Simulated) -> None:
    body = json.dumps({"field": "startDate", "message": "Too long ago", "description": ""})
    centre.fault("status", "/historic/agentLoginData", status=400, content="json", body=body)
    done = run(connection, "centre.logins", **DAY)
    assert (done.state, done.failure) == (RunState.FAILED, "refused")
    assert "startDate – Too long ago" in str(done.reason)


def test_a_problem_that_every_day_tells_is_told_once() -> None:
    hand = RunInHand(1, 1, "centre.states", uuid4(), None, {}, lambda *_facts: None, lambda: None)
    for _day in range(3):
        note(hand, [Problem("7", "startDate", Phrase.plain("It is missing."))])
    assert len(hand.problems) == 1


def test_days_of_the_past_are_asked_for_on_the_page(client: Client, connection: Connection) -> None:
    client.force_login(make_user(Role.PLANNER))
    address = reverse("integrations:connection-run", args=[connection.code])
    page = client.get(reverse("integrations:connection-page", args=[connection.code])).content.decode()
    assert 'name="first_day"' in page
    days = {"first_day": "2026-11-14", "last_day": "2026-11-16"}
    assert client.post(address, {"purpose": "centre.history", **days}).status_code == 302
    assert Run.objects.get().options == {"start": "2026-11-14", "end": "2026-11-17"}
    client.post(address, {"purpose": "centre.states"})
    assert Run.objects.get(purpose="centre.states").options == {}
    client.post(address, {"purpose": "centre.logins", "first_day": "soon"})
    assert not Run.objects.filter(purpose="centre.logins").exists()


def test_the_password_that_a_centre_pushes_with_is_set_on_its_page(client: Client) -> None:
    connected = make_connection(system="contact_centre", username="cc")
    client.force_login(make_user(Role.ADMIN))
    page = client.get(reverse("admin:integrations_connection_change", args=[connected.pk])).content.decode()
    assert [name for name in ("password", "secret", "token") if f'name="secret_{name}"' in page] == [
        "password",
        "secret",
        "token",
    ]
