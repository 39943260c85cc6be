"""The REST face of the simulated centre against the contract's rules, recounted the slow way."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pytest

from apps.algorithms.simulation import Deviations, Outcome
from apps.integrations.simulators.contact_centre.centre import Centre, Clock
from apps.integrations.simulators.contact_centre.history import (
    call_rows,
    chat_days,
    first_of_day,
    group_rows,
    login_rows,
    status_rows,
)
from apps.integrations.simulators.contact_centre.invention import invent_centre
from apps.integrations.simulators.contact_centre.plan import read_plan, write_plan
from apps.integrations.simulators.contact_centre.windows import Window
from tests.integrations.simulated_centre import contact_centre

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integrations.simulated import Simulated

MOSCOW = ZoneInfo("Europe/Moscow")
COUNTS = ("notUniqueReceived", "notUniqueTreated", "notUniqueMissed", "receivedCalls", "treatedCalls")
COUNTS += ("missCalls",)


@pytest.fixture(scope="module")
def server() -> Iterator[Simulated]:
    with contact_centre() as simulated:
        yield simulated


@pytest.fixture(scope="module")
def centre() -> Centre:
    return invented("Europe/Moscow", dt.datetime(2026, 11, 18, 15, tzinfo=MOSCOW))


def invented(zone: str, now: dt.datetime, history_days: int = 1) -> Centre:
    first = now.date() - dt.timedelta(days=history_days + 1)
    plan = invent_centre(5, people=20, first=first, days=history_days + 3, zone=zone)
    clock = Clock(now.timestamp(), 0)
    return Centre(plan, clock, history_days=history_days, seed=5, deviations=Deviations(late_share=0.5))


def ask(server: Simulated, path: str, **query: object) -> httpx.Response:
    span = {"startDate": "2026-11-18T00:00:00+03:00", "endDate": "2026-11-19T00:00:00+03:00", "step": 900_000}
    named = span | query if "historic" in path else query
    return httpx.get(
        server.url + path, params={key: str(value) for key, value in named.items() if value != ""}
    )


def window(start: str, end: str) -> Window:
    return Window(*(dt.datetime.fromisoformat(f"2026-11-{text}+03:00").timestamp() for text in (start, end)))


def instant(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


def test_people_and_groups_have_the_form_of_the_contract(server: Simulated) -> None:
    content = ask(server, "/any/prefix/personnel").json()
    groups = {group["id"]: group for service in content["services"] for group in service["serviceGroups"]}
    assert {group["channelType"] for group in groups.values()} == {
        "INCOMING_CALLS",
        "OUTGOING_CALLS",
        "CHATS",
        "MAILS",
    }
    assert {group["status"] for group in groups.values()} == {"ACTIVE", "INACTIVE"}
    assert len(content["agents"]) == 20, "who is in no group is left out"
    for agent in content["agents"]:
        assert agent["agentGroups"]
        assert {row["groupId"] for row in agent["agentGroups"]} <= groups.keys()
        assert agent["loginSSO"] == f"agent{agent['id']}"


def recounted(centre: Centre, asked: Window, step_s: int) -> dict[tuple[str, str], dict[str, int]]:
    """The table of the contract, contact by contact."""
    contacts = centre.simulation.contacts()
    rows: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    seen: set[tuple[object, ...]] = set()
    for row in np.argsort(contacts.arrived_s, kind="stable"):
        if contacts.outcome[row] == Outcome.CLOSED_BY_BOT:
            continue
        moment = dt.datetime.fromtimestamp(contacts.arrived_s[row], centre.plan.zone_info)
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        key = (contacts.group[row], contacts.customer[row], midnight)
        is_unique = key not in seen
        seen.add(key)
        if not asked.start_s <= contacts.arrived_s[row] < asked.end_s:
            continue
        elapsed_s = contacts.arrived_s[row] - midnight.timestamp()
        begins = dt.datetime.fromtimestamp(
            midnight.timestamp() + elapsed_s // step_s * step_s, centre.plan.zone_info
        )
        group = centre.plan.groups[contacts.group[row]].plan.key
        cell = rows[group, begins.isoformat(timespec="milliseconds")]
        kind = "Treated" if contacts.outcome[row] == Outcome.TREATED else "Missed"
        cell["notUniqueReceived"] += 1
        cell[f"notUnique{kind}"] += 1
        cell["receivedCalls"] += is_unique
        cell["treatedCalls" if kind == "Treated" else "missCalls"] += is_unique
        cell["handle_s"] += contacts.ring_s[row] + contacts.talk_s[row] + contacts.hold_s[row]
        cell["after_s"] += contacts.wrap_up_s[row] + contacts.relax_s[row]
    return rows


@pytest.mark.parametrize(
    ("asked", "step_s"),
    [
        (window("17T00:00", "18T00:00"), 900),
        (window("17T10:07", "18T13:22"), 300),
        (window("17T23:50", "18T00:20"), 3600),
    ],
)
def test_contacts_are_counted_by_the_interval_of_their_start(
    centre: Centre, asked: Window, step_s: int
) -> None:
    expected = recounted(centre, asked, step_s)
    answered = {
        (row["groupId"], interval["startInterval"]): interval
        for row in group_rows(centre, asked, step_s, None)
        for interval in row["historicData"]
    }
    assert answered.keys() == expected.keys(), "empty intervals are missing, no other"
    for key, interval in answered.items():
        assert [interval[name] for name in COUNTS] == [expected[key][name] for name in COUNTS]
        treated = expected[key]["notUniqueTreated"]
        handled_ms = 1000 * expected[key]["handle_s"] / treated if treated else 0
        assert interval["aht"] == pytest.approx(handled_ms, abs=1)
        assert interval["postProcessing"] == pytest.approx(
            1000 * expected[key]["after_s"] / treated if treated else 0, abs=1
        )
        assert instant(interval["endInterval"]) - instant(interval["startInterval"]) == step_s


def test_a_window_is_the_sum_of_its_parts(centre: Centre) -> None:
    def totals(start: str, end: str) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = defaultdict(int)
        for row in group_rows(centre, window(start, end), 900, {"101", "103"}):
            for name in COUNTS:
                found[row["groupId"], name] += sum(interval[name] for interval in row["historicData"])
        return found

    whole, first, second = (
        totals(*span)
        for span in (("17T09:00", "17T18:00"), ("17T09:00", "17T11:11"), ("17T11:11", "17T18:00"))
    )
    assert whole.keys() == first.keys() | second.keys()
    assert all(whole[key] == first[key] + second[key] for key in whole)
    assert {group for group, _ in whole} == {"101", "103"}


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Europe/Berlin"])
def test_the_grid_begins_at_midnight_of_the_centre(zone: str) -> None:
    """Half-hour zones, and the day of 25 hours in Berlin."""
    now = dt.datetime(2026, 10, 25, 23, tzinfo=ZoneInfo(zone))
    centre = invented(zone, now, history_days=0)
    day = Window(now.replace(hour=0).timestamp(), now.timestamp())
    starts = [
        dt.datetime.fromisoformat(interval["startInterval"])
        for row in group_rows(centre, day, 3600, {"201"})
        for interval in row["historicData"]
    ]
    assert len(starts) == len(set(starts)) > 20
    assert {start.minute for start in starts} == {0}
    assert {start.utcoffset() for start in starts} == {
        start.astimezone(ZoneInfo(zone)).utcoffset() for start in starts
    }


def test_the_first_contact_of_a_customer_on_a_day_in_a_group_is_unique() -> None:
    group, day = np.array([0, 0, 0, 1, 0]), np.array([0, 0, 0, 0, 1])
    customer, arrived = np.array([7, 7, 8, 7, 7]), np.array([20.0, 10.0, 30.0, 40.0, 50.0])
    assert first_of_day(group, day, customer, arrived).tolist() == [False, True, True, True, True]


def test_states_begin_or_end_in_the_window_and_one_around_it_is_missing(centre: Centre) -> None:
    states = centre.simulation.presence.state_table()
    longest = int(np.argmax(np.where(np.isfinite(states.end_s), states.end_s - states.start_s, 0)))
    agent = centre.simulation.plans[states.agent[longest]].key
    start, end = float(states.start_s[longest]), float(states.end_s[longest])

    def found(first: float, last: float) -> list[tuple[float, float]]:
        return [
            (instant(state["startDate"]), instant(state["endDate"]))
            for row in status_rows(centre, Window(first, last), {agent})
            for state in row["states"]
            if state["endDate"]
        ]

    span = (pytest.approx(start, abs=0.001), pytest.approx(end, abs=0.001))
    assert span in found(start - 5, start + 5)
    assert span in found(end - 5, end + 5)
    assert span not in found(start + 1, end - 1)
    told_s = round(end, 3)
    assert span in found(told_s, end + 5), "an end at the window's first moment is inside it"
    assert span not in found(start - 5, round(start, 3)), "the window is open at its end"


def test_states_of_no_group_are_repeated_for_all_groups_of_the_agent(centre: Centre) -> None:
    own = {
        plan.key: {centre.plan.groups[place].plan.key for place in plan.groups}
        for plan in centre.simulation.plans
    }
    told: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in status_rows(centre, window("17T00:00", "19T00:00"), None):
        for state in row["states"]:
            key = (row["agentId"], state["startDate"], state["stateCode"])
            assert row["groupId"] not in told[key]
            told[key].add(row["groupId"])
    of_contacts = {"2", "3"}
    for (agent, _, code), groups in told.items():
        assert len(groups) == 1 if code in of_contacts else groups == own[agent]
    assert any(len(groups) > 1 for groups in told.values())
    starts = [(agent, start) for agent, start, _ in told]
    assert len(starts) == len(set(starts)), "agent and start name a state"


def test_states_without_a_group_come_once_where_the_centre_is_of_that_kind() -> None:
    with contact_centre("--states-without-group") as server:
        rows = ask(server, "/historic/agentStatusData").json()
    untied = [row for row in rows if "groupId" not in row]
    assert untied
    assert len({row["agentId"] for row in untied}) == len(untied)
    assert all("serviceId" in row for row in rows if "groupId" in row)


def test_presence_covers_states_and_crosses_midnight(centre: Centre) -> None:
    evening, morning = window("17T19:00", "17T21:00"), window("18T07:00", "18T09:00")
    nights = {
        (row["agentId"], login["loginDate"])
        for row in login_rows(centre, evening, None)
        for login in row["logins"]
        if login["logoutDate"] and instant(login["logoutDate"]) > window("18T07:00", "18T08:00").start_s
    }
    assert nights
    seen_again = {
        (row["agentId"], login["loginDate"])
        for row in login_rows(centre, morning, None)
        for login in row["logins"]
    }
    assert nights <= seen_again
    present = [
        login
        for row in login_rows(centre, window("18T00:00", "19T00:00"), None)
        for login in row["logins"]
        if login["logoutDate"] is None
    ]
    assert present
    assert all(login["duration"] is None for login in present)


def test_contacts_of_agents_add_up_to_what_groups_treated(centre: Centre) -> None:
    asked = window("17T00:00", "18T00:00")
    handled: dict[str, int] = defaultdict(int)
    for row in call_rows(centre, asked, None):
        starts = [instant(call["startCall"]) for call in row["agentCalls"]]
        assert starts == sorted(starts)
        for call in row["agentCalls"]:
            assert call["duration"] == round(1000 * (instant(call["endCall"]) - instant(call["startCall"])))
        handled[row["groupId"]] += len(starts)
    treated = {
        row["groupId"]: sum(interval["notUniqueTreated"] for interval in row["historicData"])
        for row in group_rows(centre, asked, 900, {"101", "102", "103"})
    }
    assert {group: handled[group] for group in treated} == treated  # nobody of them waits over midnight
    chats = [row for row in call_rows(centre, asked, None) if row["groupId"] == "103"]
    overlaps = [
        later["startCall"] < earlier["endCall"]
        for row in chats
        for earlier, later in pairwise(row["agentCalls"])
    ]
    assert any(overlaps), "chats run side by side"


def test_work_in_chats_is_a_union_by_day(centre: Centre) -> None:
    """22:45-23:02 and 22:58-00:12 are 75 minutes of the first day: 4 500 000 ms."""
    spans = [
        (instant(f"2026-11-{first}:00+03:00"), instant(f"2026-11-{last}:00+03:00"))
        for first, last in (("17T22:45", "17T23:02"), ("17T22:58", "18T00:12"))
    ]
    assert chat_days(spans, window("17T00:00", "18T00:00"), centre) == [("2026-11-17", 4_500_000)]
    both = [("2026-11-17", 4_500_000), ("2026-11-18", 720_000)]
    assert chat_days(spans, window("17T00:00", "19T00:00"), centre) == both
    assert chat_days(spans, window("17T23:00", "18T00:00"), centre) == [("2026-11-17", 3_600_000)]


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("serviceGroupData", {"startDate": ""}, "startDate"),
        ("serviceGroupData", {"startDate": "2026-11-18T00:00:00"}, "startDate"),
        ("agentStatusData", {"endDate": "tomorrow"}, "endDate"),
        ("agentLoginData", {"endDate": "2026-11-17T00:00:00Z"}, "endDate"),
        ("serviceGroupData", {"step": ""}, "step"),
        ("serviceGroupData", {"step": 7_000_000}, "step"),
        ("serviceGroupData", {"step": "-900000"}, "step"),
        ("serviceGroupData", {"groupId": ",".join(map(str, range(101)))}, "groupId"),
        ("agentCallsData", {"agentId": "1001,,1002"}, "agentId"),
    ],
)
def test_bad_questions_are_refused_by_name(
    server: Simulated, path: str, query: dict[str, object], field: str
) -> None:
    answer = ask(server, f"/historic/{path}", **query)
    assert answer.status_code == 400
    assert answer.json().keys() == {"field", "message", "description"}
    assert answer.json()["field"] == field


def test_no_data_is_404_in_words_and_an_unknown_method_another_404(server: Simulated) -> None:
    for path, query in (
        ("/historic/serviceGroupData", {"groupId": "nobody"}),
        (
            "/historic/agentStatusData",
            {"startDate": "2020-01-01T00:00:00Z", "endDate": "2020-01-02T00:00:00Z"},
        ),
        ("/online/groupsOnlineLoad", {"groupId": "203"}),
    ):
        answer = ask(server, path, **query)
        assert answer.status_code == 404
        assert answer.json().keys() == {"field", "message", "description"}
    assert "field" not in ask(server, "/historic/nothing").json()


def test_the_present_agrees_with_history(server: Simulated) -> None:
    day = {"startDate": "2026-11-18T00:00:00+03:00", "endDate": "2026-11-19T00:00:00+03:00"}
    online = {row["agentId"]: row for row in ask(server, "/online/agentStatus").json()}
    still = {
        row["agentId"]: state
        for row in ask(server, "/historic/agentStatusData", **day).json()
        for state in row["states"]
        if state["endDate"] is None
    }
    assert len(online) > 5
    assert {agent: (row["stateCode"], row["startDate"]) for agent, row in online.items()} == {
        agent: (state["stateCode"], state["startDate"]) for agent, state in still.items()
    }
    loads = {row["groupId"]: row for row in ask(server, "/online/groupsOnlineLoad").json()}
    assert loads.keys() == {"101", "102", "103", "201", "202"}
    for row in ask(server, "/historic/serviceGroupData", **day).json():
        load = loads[row["groupId"]]
        ended = sum(interval["notUniqueReceived"] for interval in row["historicData"])
        assert load["callReceived"] == ended + load["callNumber"] + load["callProcessing"]
        assert load["callAnswered"] >= load["callAnsweredTst"] >= 0
        assert 0 <= load["acd"] <= 100


def test_a_plan_survives_its_file(centre: Centre, tmp_path: Path) -> None:
    write_plan(centre.plan, tmp_path / "plan.json")
    again = read_plan(tmp_path / "plan.json")
    assert again.people == centre.plan.people
    copy = Centre(again, Clock(centre.now_s, 0), history_days=1, seed=5, deviations=Deviations())
    assert len(copy.simulation.contacts().group) > 1000


def answers_of_the_morning(server: Simulated) -> list[Any]:
    span = {"startDate": "2026-11-18T00:00:00+03:00", "endDate": "2026-11-18T12:00:00+03:00"}
    return [
        ask(server, f"/historic/{name}", **span).json() for name in ("serviceGroupData", "agentStatusData")
    ]


def test_history_stays_and_the_clock_only_adds_to_it() -> None:
    with contact_centre() as server:
        before = answers_of_the_morning(server)
        told = server.post("/_clock", {"forward_s": 7200})
        assert told["now"].startswith("2026-11-18T17:00:00")
        assert answers_of_the_morning(server) == before
        assert httpx.post(f"{server.url}/_clock", json={"forward_s": -1}).status_code == 400
