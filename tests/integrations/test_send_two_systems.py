"""Two 1C of two companies: the people of each are told to their own one only."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import time_machine

from apps.integrations.models import Operation, PersonLink, ScheduleSend
from apps.integrations.selectors.agents import agent_ids
from apps.integrations.services.schedule_sends import notice_change, request_schedules
from tests.integrations.onec_people import make_agent, make_onec, publish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.models import Connection
    from apps.organization.models import Employee

pytestmark = pytest.mark.django_db
SEPTEMBER = dt.date(2026, 9, 1)
Two = tuple[tuple["Connection", "Employee"], tuple["Connection", "Employee"]]


@pytest.fixture(autouse=True)
def _in_september() -> Iterator[None]:
    with time_machine.travel("2026-09-12T09:00:00Z"):
        yield


@pytest.fixture
def two() -> Two:
    """Make two systems with a person each, both told of changes by themselves."""
    made = []
    for agent_id in ("a-1", "b-1"):
        connection = make_onec(options={"send_schedules_on_change": True})
        person = make_agent(None, agent_id)
        PersonLink.objects.create(connection=connection, employee=person, external_id=agent_id)
        publish(person, "2026-09-15 09:00")
        made.append((connection, person))
    first, second = made
    return first, second


def sent_to() -> set[tuple[int, int]]:
    return {
        (operation.connection_id, employee_id)
        for operation in Operation.objects.all()
        for employee_id in operation.payload["employees"]
    }


def test_a_run_takes_its_own_people(two: Two) -> None:
    (first, own), (_second, foreign) = two
    ScheduleSend.objects.create(connection=first, employee=foreign, month=SEPTEMBER)
    asked = request_schedules(first, first=SEPTEMBER, last=SEPTEMBER, actor=None)
    assert asked.counts["people"] == asked.counts["queued"] == 1
    assert not asked.problems
    assert sent_to() == {(first.pk, own.pk)}


def test_a_change_is_told_to_each_of_its_own(two: Two) -> None:
    (first, own), (second, other) = two
    notice_change(SEPTEMBER, [own.pk, other.pk])
    assert sent_to() == {(first.pk, own.pk), (second.pk, other.pk)}


def test_who_is_named_by_hand_has_no_id_there(two: Two) -> None:
    (first, _own), (_second, foreign) = two
    asked = request_schedules(first, first=SEPTEMBER, last=SEPTEMBER, employee_ids=[foreign.pk], actor=None)
    assert asked.counts["without_id"] == 1
    assert not Operation.objects.exists()


def test_a_second_door_that_names_nobody_uses_the_id_of_the_card(two: Two) -> None:
    (_first, own), (_second, other) = two
    door = make_onec()
    assert agent_ids(door.pk, [own.pk, other.pk]) == {own.pk: "a-1", other.pk: "b-1"}
