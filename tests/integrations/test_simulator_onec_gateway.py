"""The gateway's dialect, tried on the simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.integrations.simulated import Simulated, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = "/gate/services/personnel"


@pytest.fixture(scope="module")
def server() -> Iterator[Simulated]:
    with simulated_thread("onec", "--people", "120", "--today", "2026-11-20") as simulated:
        yield simulated


@pytest.fixture
def gateway(server: Simulated) -> Simulated:
    server.reset()
    return server


def people(gateway: Simulated) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = gateway.get(f"{BASE}/agents/2026-01-01/2026-12-31")
    return found


def steady(gateway: Simulated) -> list[str]:
    return [row["agent_id"] for row in people(gateway) if row["finish_work"] is None]


def shift(day: str, start: str, end: str, pause: int = 0) -> dict[str, Any]:
    return {
        "date": day,
        "start_time": start,
        "end_time": end,
        "break_minutes": pause,
        "shift_type": "regular",
        "location_code": "MSK",
    }


def send(gateway: Simulated, *rows: tuple[str, list[dict[str, Any]]]) -> Any:
    schedules = [{"employee_id": agent, "shifts": shifts} for agent, shifts in rows]
    return gateway.post(
        f"{BASE}/sendSchedule",
        {"period_start": "2026-12-01", "period_end": "2026-12-31", "schedules": schedules},
    )


def test_people_in_snake_case(gateway: Simulated) -> None:
    rows = people(gateway)
    assert len(rows) > 100
    assert set(rows[0]) == {
        "agent_id",
        "tab_number",
        "lastname",
        "firstname",
        "secondname",
        "start_work",
        "finish_work",
        "position_id",
        "position_name",
        "department_id",
        "employment_rate",
        "norm_week",
        "norm_week_change_date",
        "login_sso",
    }
    assert all(row["tab_number"].isdigit() and 5 <= len(row["tab_number"]) <= 10 for row in rows)
    assert all(len(row["start_work"]) == 10 for row in rows)


@pytest.mark.parametrize(
    ("given", "hours"),
    [
        (shift("2026-12-01", "19:00", "07:00", 60), [3.0, 8.0]),
        (shift("2026-12-01", "09:00", "18:00", 60), [8.0, 0.0]),
        (shift("2026-12-01", "22:00", "06:00", 30), [0.0, 7.5]),  # no day hours: the break is of the night
        (shift("2026-12-01", "21:30", "06:00", 60), [0.0, 7.5]),
        (shift("2026-12-01", "00:00", "12:00", 0), [6.0, 6.0]),
    ],
)
def test_hours_by_day_and_night(gateway: Simulated, given: dict[str, Any], hours: list[float]) -> None:
    agent = steady(gateway)[0]
    answer = send(gateway, (agent, [given]))
    assert answer["result"] is True
    (entry,) = gateway.ledger("schedule_created")
    assert [value / 3_600_000 for value in entry["shifts"]["2026-12-01"]] == hours


def test_one_bad_row_of_a_hundred_stops_nobody(gateway: Simulated) -> None:
    agents = steady(gateway)[:99]
    good = [shift("2026-12-01", "09:00", "18:00", 60)]
    answer = send(gateway, *((agent, good) for agent in agents), ("nobody", good))
    assert answer["result"] is False
    assert [row["employee_id"] for row in answer["schedules"] if not row["result"]] == ["nobody"]
    assert gateway.counts() == {"schedule_created": 99, "schedule_refused": 1}


@pytest.mark.parametrize(
    ("shifts", "word"),
    [
        ([shift("2026-12-01", "09:00", "21:01")], "12 часов"),
        ([shift("2026-12-01", "09:00", "18:00"), shift("2026-12-01", "17:00", "20:00")], "пересекаются"),
        ([shift("2026-12-01", "20:00", "08:00"), shift("2026-12-02", "07:00", "12:00")], "пересекаются"),
        ([shift("2026-12-01", "9 утра", "18:00")], "start_time"),
        ([], "Нет данных"),
    ],
)
def test_rows_that_are_refused(gateway: Simulated, shifts: list[dict[str, Any]], word: str) -> None:
    answer = send(gateway, (steady(gateway)[0], shifts))
    assert answer["result"] is False
    assert word in answer["schedules"][0]["message"]


def test_a_batch_has_a_hundred_at_most_and_there_are_no_norms(gateway: Simulated) -> None:
    body = {
        "period_start": "2026-12-01",
        "period_end": "2026-12-31",
        "schedules": [{"employee_id": str(number), "shifts": []} for number in range(101)],
    }
    assert httpx.post(f"{gateway.url}{BASE}/sendSchedule", json=body).status_code == 400
    for missing in ("getNormHours", "getTimetypeInfo"):
        answer = httpx.post(f"{gateway.url}{BASE}/{missing}", json={})
        assert answer.status_code == 404
    assert gateway.get(f"{BASE}/health") == {"status": "ok"}


def test_facts_and_both_dialects_share_their_documents(gateway: Simulated) -> None:
    agent = steady(gateway)[0]
    send(gateway, (agent, [shift("2026-12-01", "09:00", "18:00", 60)]))
    fact = {
        "agent_id": agent,
        "initiator_name": "П",
        "date_start": "2026-12-01",
        "loginfo": [{"start": "2026-12-01T09:00:00+03:00", "time": 900_000}],
    }
    assert gateway.post(f"{BASE}/sendFactWorkTime", fact) == {"result": True, "doc": "Failure to appear"}
    body = {"date_start": "2026-12-01", "date_end": "2026-12-01", "AR_agents": [{"agentId": agent}]}
    (found,) = gateway.post("/zup/getTimetypeInfo", body)
    assert found["AR_N"] == [{"timetype_N": "НН", "hours_N": "1(7.75)"}]
