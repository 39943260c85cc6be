"""Schedules through the gateway in batches, schedules that other systems tell us, and events that send."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.utils import translation

from apps.core.errors import DomainError
from apps.core.services import outbox
from apps.integrations.choices import Dialect, SendState
from apps.integrations.models import Operation, ScheduleSend
from apps.integrations.services.schedule_sends import GivenSchedule, request_given, request_schedules
from apps.integrations.wire.onec.sends import ClockShift
from apps.schedules.services.publishing import publish_variant
from tests.factories import (
    make_calendar,
    make_group,
    make_member,
    make_queue,
    make_shift,
    make_variant,
    make_work_rule,
)
from tests.integrations.draining import drain, make_due
from tests.integrations.onec_people import MOSCOW, make_agent, make_onec, publish
from tests.integrations.simulated import Simulated, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.models import Connection

pytestmark = pytest.mark.django_db
HOUR_MS = 3_600_000
TODAY = "2026-09-12"
SEPTEMBER, OCTOBER = dt.date(2026, 9, 1), dt.date(2026, 10, 1)
MONTH = (SEPTEMBER, dt.date(2026, 9, 30))


@pytest.fixture(scope="module")
def server() -> Iterator[Simulated]:
    with simulated_thread("onec", "--people", "0", "--today", TODAY) as simulated:
        yield simulated


@pytest.fixture
def onec(server: Simulated) -> Simulated:
    server.reset()
    return server


@pytest.fixture(autouse=True)
def _in_september() -> Iterator[None]:
    with time_machine.travel(f"{TODAY}T09:00:00Z"), translation.override("en"):
        yield


def ask(connection: Connection, last: dt.date = SEPTEMBER, **more: Any) -> Any:
    return request_schedules(connection, first=SEPTEMBER, last=last, actor=None, **more)


def shift(day: str, start: str, end: str, break_minutes: int = 0) -> ClockShift:
    return ClockShift(dt.date.fromisoformat(day), start, end, break_minutes, "day", "msk")


def held(onec: Simulated) -> dict[str, list[float]]:
    return {
        f"{entry['agent_id']} {day[5:]}": [part / HOUR_MS for part in hours]
        for kind in ("schedule_created", "schedule_updated")
        for entry in onec.ledger(kind)
        for day, hours in entry["shifts"].items()
    }


def test_of_a_hundred_people_one_bad_one_is_named_and_the_others_go(onec: Simulated) -> None:
    connection = make_onec(onec, Dialect.GATEWAY)
    people = [make_agent(onec, f"a-{number}") for number in range(100)]
    for person in people:
        publish(person, "2026-09-15 09:00")
    onec.post("/_refusals", {"agentId": "a-42", "message": "Договор не подписан"})
    assert ask(connection).counts["queued"] == 100
    (operation,) = drain()  # in one call
    assert operation.state == "completed"
    assert (operation.result["sent"], operation.result["refused"]) == (99, 1)
    refused = ScheduleSend.objects.get(state=SendState.REFUSED)
    assert (refused.employee_id, refused.message) == (people[42].pk, "Договор не подписан")
    assert len(onec.ledger("schedule_created")) == 99


def test_two_hundred_and_one_people_are_three_calls(onec: Simulated) -> None:
    connection = make_onec(onec, Dialect.GATEWAY)
    for number in range(201):
        publish(make_agent(None, f"a-{number}"), "2026-09-15 09:00")
    ask(connection)
    assert sorted(len(row.payload["employees"]) for row in Operation.objects.all()) == [1, 100, 100]


def test_times_are_those_of_the_clock_of_the_site(onec: Simulated) -> None:
    publish(make_agent(onec, "a-1"), "2026-09-15 19:00", parts=[("work", 300), ("lunch", 60), ("work", 360)])
    ask(make_onec(onec, Dialect.GATEWAY))
    drain()
    assert held(onec) == {"a-1 09-15": [3, 8]}  # the break comes off the day


def test_a_shift_of_more_than_twelve_hours_is_refused_before_sending(onec: Simulated) -> None:
    long, usual = make_agent(onec, "a-1"), make_agent(onec, "a-2")
    publish(long, "2026-09-15 08:00", parts=[("work", 660), ("lunch", 75)])
    publish(usual, "2026-09-15 08:00", parts=[("work", 660), ("lunch", 60)])
    requested = ask(make_onec(onec, Dialect.GATEWAY))
    drain()
    (problem,) = requested.problems
    assert (problem["subject"], "longer than 12 hours" in problem["reason"]) == (long.personnel_number, True)
    assert set(held(onec)) == {"a-2 09-15"}


def test_shifts_past_midnight_can_be_forbidden(onec: Simulated) -> None:
    publish(make_agent(onec, "a-1"), "2026-09-15 20:00")
    requested = ask(make_onec(onec, Dialect.GATEWAY, options={"gateway_overnight": "refuse"}))
    assert "ends on the next day" in requested.problems[0]["reason"]


def test_an_unchanged_person_is_left_out_of_the_next_batch(onec: Simulated) -> None:
    connection = make_onec(onec, Dialect.GATEWAY)
    first, second = make_agent(onec, "a-1"), make_agent(onec, "a-2")
    publish(first, "2026-09-15 09:00")
    publish(second, "2026-09-15 09:00")
    ask(connection)
    drain()
    publish(second, "2026-09-16 09:00")
    assert ask(connection).counts["queued"] == 1
    drain()
    assert [entry["agent_id"] for entry in onec.ledger("schedule_updated")] == ["a-2"]
    assert not onec.ledger("schedule_repeated")


@pytest.mark.parametrize("dialect", [Dialect.ZUP, Dialect.GATEWAY])
def test_told_schedules_reach_1c_in_its_dialect(onec: Simulated, dialect: str) -> None:
    make_agent(onec, "a-1")
    shifts = (
        shift("2026-09-15", "19:00", "07:00", 60),
        shift("2026-09-17", "22:00", "01:00"),
        shift("2026-09-20", "05:00", "08:00"),
        shift("2026-09-20", "20:00", "23:00"),
    )
    told = request_given(
        make_onec(onec, dialect), period=MONTH, schedules=[GivenSchedule("a-1", shifts)], actor=None
    )
    drain()
    assert (told.accepted, told.refused) == (["a-1"], {})
    assert held(onec) == {"a-1 09-15": [3, 8], "a-1 09-17": [0, 3], "a-1 09-20": [4, 2]}


def test_who_cannot_be_told_is_named_and_the_others_go(onec: Simulated) -> None:
    for number in range(1, 6):
        make_agent(onec, f"a-{number}")
    good = shift("2026-09-15", "09:00", "18:00", 60)
    told = request_given(
        make_onec(onec),
        period=MONTH,
        schedules=[
            GivenSchedule("a-1", (good,)),
            GivenSchedule("a-2", (good, shift("2026-09-15", "17:00", "20:00"))),
            GivenSchedule("a-3", (shift("2026-09-15", "08:00", "20:30"),)),
            GivenSchedule("a-4", (shift("2026-10-01", "08:00", "16:00"),)),
            GivenSchedule("a-5", (shift("2026-09-15", "08:00", "09:00", 61),)),
            GivenSchedule("nobody", (good,)),
            GivenSchedule("a-1x", ()),
        ],
        actor=None,
    )
    drain()
    assert set(held(onec)) == {"a-1 09-15"}
    words = {agent: str(reason) for agent, reason in told.refused.items()}
    assert "overlap" in words["a-2"]
    assert "longer than 12" in words["a-3"]
    assert "outside the period" in words["a-4"]
    assert "break" in words["a-5"]
    assert "no employee" in words["nobody"]


def test_a_told_period_is_whole_months(onec: Simulated) -> None:
    with pytest.raises(DomainError, match="whole months"):
        request_given(make_onec(onec), period=(SEPTEMBER, dt.date(2026, 9, 29)), schedules=[], actor=None)


def test_publishing_sends_who_was_and_who_is_in_the_schedule(onec: Simulated) -> None:
    make_onec(onec, options={"send_schedules_on_change": True, "send_delay_s": 0})
    gone, stays = make_agent(onec, "a-1"), make_agent(onec, "a-2")
    make_calendar(years=(2025, 2026))
    queue = make_queue()
    group = make_group(queue)
    make_work_rule(gone, stays)
    for person in (gone, stays):
        make_member(queue, person)
    start = dt.datetime(2026, 9, 15, 9, tzinfo=MOSCOW)
    first = make_variant(group, SEPTEMBER)
    for person in (gone, stays):
        make_shift(first, person, start)
    second = make_variant(group, SEPTEMBER)
    make_shift(second, stays, start + dt.timedelta(days=1))
    for variant in (first, second):
        publish_variant(variant_id=variant.pk, actor=None)
        outbox.deliver_due()
        make_due()
        drain()
    states = dict(ScheduleSend.objects.values_list("employee__external_id", "state"))
    assert states == {"a-1": SendState.HELD, "a-2": SendState.SENT}
    assert set(held(onec)) == {"a-1 09-15", "a-2 09-15", "a-2 09-16"}
