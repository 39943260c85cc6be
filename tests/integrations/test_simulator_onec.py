"""The rules of the vendor's service as the contract gives them, tried on the simulator."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from apps.integrations.simulators.onec.norms import norm_hours
from apps.integrations.simulators.onec.production import ProductionCalendar
from tests.integrations.simulated import Simulated, simulated_process, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOUR_MS = 3_600_000
PERSON = {
    "agentId": "a-1",
    "tabN": "000123",
    "lastname": "Иванова",
    "firstname": "Анна",
    "startwork": "2017-01-10",
    "departmentId": "000010001",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Simulated]:
    with simulated_thread("onec", "--people", "60", "--today", "2018-09-12") as simulated:
        yield simulated


@pytest.fixture
def onec(server: Simulated) -> Simulated:
    server.reset()
    server.post("/_people", {"action": "hire", **PERSON})
    return server


def feed(onec: Simulated, first: str = "2018-01-01", last: str = "2018-12-31") -> dict[str, Any]:
    (answer,) = onec.get(f"/zup/hs/wfm/agents/{first}/{last}")
    return dict(answer)


def agents_of(onec: Simulated) -> dict[str, dict[str, Any]]:
    return {agent["agentId"]: agent for agent in feed(onec)["AR_agents"]}


def send(
    onec: Simulated, first: str, last: str, *shifts: tuple[str, float, float], agent: str = "a-1"
) -> Any:
    rows = [
        {"date_start": day, "daily_hours": int(by_day * HOUR_MS), "night_hours": int(night * HOUR_MS)}
        for day, by_day, night in shifts
    ]
    return onec.post(
        "/zup/hs/wfm/sendSchedule", {"agentId": agent, "period1": first, "period2": last, "shift": rows}
    )


def norms(onec: Simulated, first: str, last: str, mode: str, *weeks: tuple[str, float]) -> list[Any]:
    answer: list[Any] = onec.post(
        "/zup/hs/wfm/getNormHours",
        {
            "startDate": first,
            "endDate": last,
            "calculationMode": mode,
            "AR_agents": [
                {"agentId": "a-1", "AR_norms": [{"normWeek": w, "changeDate": day} for day, w in weeks]},
                {"agentId": "nobody", "AR_norms": [{"normWeek": 40, "changeDate": first}]},
            ],
        },
    )
    return answer


def send_fact(onec: Simulated, day: str, *starts_and_minutes: tuple[str, int], agent: str = "a-1") -> Any:
    slices = []
    for text, minutes in starts_and_minutes:
        start, left = dt.datetime.fromisoformat(text), minutes * 60_000
        while left:
            length = min(left, 900_000)
            slices.append({"start": start.isoformat(), "time": length})
            start, left = start + dt.timedelta(milliseconds=length), left - length
    return onec.post(
        "/zup/hs/wfm/sendFactWorkTime",
        {"agentId": agent, "initiator_name": "Планировщик", "date_start": day, "loginfo": slices},
    )


def sheet(onec: Simulated, first: str, last: str) -> Any:
    (found,) = onec.post(
        "/zup/hs/wfm/getTimetypeInfo",
        {"date_start": first, "date_end": last, "AR_agents": [{"agentId": "a-1"}, {"agentId": "nobody"}]},
    )
    return found


def codes_on(onec: Simulated, day: dt.date) -> dict[str, float]:
    midnight = f"{day - dt.timedelta(days=1)}T21:00:00Z"
    rows = sheet(onec, day.isoformat(), day.isoformat())["AR_date"]
    return {row["timetype"]: row["hours"] for row in rows if row["date"] == midnight}


# --- people -----------------------------------------------------------------------------------------------


def test_people_are_those_of_the_seed_and_their_zeros_stay(onec: Simulated) -> None:
    people = agents_of(onec)
    assert people["a-1"]["tabN"] == "000123"
    assert people["a-1"]["startwork"] == "2017-01-09T21:00:00Z"  # 10 January in Moscow
    assert people["a-1"]["finishwork"] is None
    tabs = {agent["tabN"] for agent in people.values()}
    assert {"000001", "10-010"} <= tabs
    onec.reset()
    onec.post("/_people", {"action": "hire", **PERSON})
    assert agents_of(onec) == people


def test_departments_have_two_levels(onec: Simulated) -> None:
    departments = {row["departmentId"]: row["parentDepartmentId"] for row in feed(onec)["AR_departments"]}
    roots = {identifier for identifier, parent in departments.items() if not parent}
    assert roots
    assert {parent for parent in departments.values() if parent} == roots
    assert {agent["departmentId"] for agent in agents_of(onec).values()} <= departments.keys()


def test_dismissed_people_come_for_another_month_and_future_ones_do_not(onec: Simulated) -> None:
    onec.post("/_people", {"action": "dismiss", "agentId": "a-1", "finishwork": "2018-09-14"})
    assert agents_of(onec)["a-1"]["finishwork"] == "2018-09-13T21:00:00Z"
    onec.post("/_today", {"today": "2018-10-15"})
    assert "a-1" in agents_of(onec)
    onec.post("/_today", {"today": "2018-10-16"})
    assert "a-1" not in agents_of(onec)
    onec.post("/_people", {"action": "hire", **PERSON, "agentId": "a-2", "startwork": "2018-10-17"})
    assert "a-2" not in agents_of(onec)


def test_people_change_on_demand(onec: Simulated) -> None:
    onec.post("/_people", {"action": "rename", "agentId": "a-1", "lastname": "Петрова"})
    onec.post("/_people", {"action": "move", "agentId": "a-1", "departmentId": "000020002"})
    onec.post("/_people", {"action": "spoil", "agentId": "a-1", "fields": {"tabN": None}})
    changed = agents_of(onec)["a-1"]
    assert (changed["lastname"], changed["departmentId"], changed["tabN"]) == ("Петрова", "000020002", None)
    for wrong in ({"action": "praise"}, {"action": "move", "agentId": "a-1", "departmentId": "x"}, ["hire"]):
        assert httpx.post(f"{onec.url}/_people", json=wrong).status_code == 400


def test_leave_is_accrued_monthly_and_the_dates_bound_it_alone(onec: Simulated) -> None:
    def balances(first: str, last: str) -> list[Any]:
        (agent,) = [row for row in feed(onec, first, last)["AR_agents"] if row["agentId"] == "a-1"]
        return [(row["date"], row["vacation"]) for row in agent["AR_vacation"]]

    assert balances("2017-01-01", "2017-03-31") == [
        ("2017-02-09T21:00:00Z", 2.33),
        ("2017-03-09T21:00:00Z", 4.67),
    ]
    assert balances("2018-01-01", "2018-01-31") == [("2018-01-09T21:00:00Z", 7)]  # 28 less three weeks


def test_a_login_may_repeat_but_an_agent_id_may_not() -> None:
    with simulated_thread("onec", "--people", "2000") as many:
        agents = feed(many)["AR_agents"]
    logins = [agent["Login"] for agent in agents]
    assert len(set(logins)) < len(logins)
    assert len({agent["agentId"] for agent in agents}) == len(agents)


def test_the_untidy_release_says_the_same_otherwise() -> None:
    with simulated_thread("onec", "--people", "60", "--untidy") as untidy:
        answer = feed(untidy, "2026-01-01", "2026-12-31")
    assert "parent_departmentId" in answer["AR_departments"][0]
    assert {"agentId", "agentID"} & answer["AR_agents"][1].keys() == {"agentID"}
    assert answer["AR_agents"][0]["finishwork"] == "0001-01-01T00:00:00Z"
    assert "," in answer["AR_agents"][0]["normWeek"]


# --- norms ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("worked", "short", "week", "hours"),
    [
        (247, 6, "40", "1970"),
        (247, 6, "36", "1772.4"),
        (247, 6, "30", "1476"),
        (191, 4, "40", "1524"),
        (191, 4, "36", "1371.2"),
        (131, 1, "40", "1047"),
        (131, 1, "36", "942.2"),
        (89, 4, "40", "708"),
        (89, 4, "36", "636.8"),
    ],
)
def test_the_published_norms(worked: int, short: int, week: str, hours: str) -> None:
    assert norm_hours(Decimal(week), worked, short) == Decimal(hours)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2018, (247, 6)),
        (2023, (247, 3)),
        (2024, (248, 5)),
        (2025, (247, 4)),
        (2026, (247, 4)),
        (2027, (247, 4)),
    ],
)
def test_working_days_of_the_years(year: int, days: tuple[int, int]) -> None:
    assert ProductionCalendar().count(dt.date(year, 1, 1), dt.date(year, 12, 31)) == days


def test_quarters_of_2023(onec: Simulated) -> None:
    rows = norms(onec, "2023-01-01", "2023-12-31", "quarter", ("2023-01-01", 40))
    assert [row["normHours"] for row in rows] == [454, 488, 520, 511]
    assert [row["agentId"] for row in rows] == ["a-1"] * 4
    assert (rows[1]["startDate"], rows[1]["endDate"]) == ("2023-03-31T21:00:00Z", "2023-06-29T21:00:00Z")


def test_norms_are_clipped_to_hire_and_dismissal(onec: Simulated) -> None:
    onec.post("/_people", {"action": "hire", **PERSON, "startwork": "2018-04-02"})
    (row,) = norms(onec, "2018-01-01", "2018-12-31", "year", ("2018-04-02", 40))
    assert (row["normHours"], row["startDate"]) == (1524, "2018-04-01T21:00:00Z")
    (row,) = norms(onec, "2018-01-01", "2018-12-31", "year", ("2017-04-02", 36))
    assert row["normHours"] == 1371.2
    onec.post("/_people", {"action": "hire", **PERSON})
    onec.post("/_people", {"action": "dismiss", "agentId": "a-1", "finishwork": "2018-05-21"})
    (row,) = norms(onec, "2018-01-01", "2018-12-31", "year", ("2018-01-01", 40))
    assert (row["normHours"], row["endDate"]) == (708, "2018-05-20T21:00:00Z")
    assert len(norms(onec, "2018-01-01", "2018-12-31", "month", ("2018-01-01", 40))) == 5


def test_a_change_of_the_weekly_norm_within_the_period(onec: Simulated) -> None:
    whole = norms(onec, "2018-01-01", "2018-12-31", "year", ("2018-01-01", 40), ("2018-07-02", 36))
    halves = [
        norms(onec, "2018-01-01", "2018-07-01", "year", ("2018-01-01", 40)),
        norms(onec, "2018-07-02", "2018-12-31", "year", ("2018-07-02", 36)),
    ]
    assert whole[0]["normHours"] == pytest.approx(sum(rows[0]["normHours"] for rows in halves))


def test_a_calendar_that_is_not_filled_is_a_fault_with_a_text(onec: Simulated) -> None:
    body = {"startDate": "2030-01-01", "endDate": "2030-12-31", "calculationMode": "year", "AR_agents": []}
    body["AR_agents"] = [{"agentId": "a-1", "AR_norms": [{"normWeek": 40, "changeDate": "2017-01-10"}]}]
    answer = httpx.post(f"{onec.url}/hs/getNormHours", json=body)
    assert answer.status_code == 500
    assert "2030" in answer.json()["error"]
    assert (
        httpx.post(f"{onec.url}/hs/getNormHours", json={**body, "calculationMode": "day"}).status_code == 500
    )


# --- schedules --------------------------------------------------------------------------------------------


def test_a_month_is_one_document_updated_in_place(onec: Simulated) -> None:
    assert send(onec, "2018-10-01", "2018-10-31", ("2018-10-01", 3.5, 7.5))["result"] == "true"
    assert send(onec, "2018-10-01", "2018-10-31", ("2018-10-01", 3.5, 7.5))["result"] == "true"
    assert send(onec, "2018-10-01", "2018-10-31", ("2018-10-02", 8, 0))["result"] == "true"
    assert onec.counts() == {
        "person_changed": 1,
        "schedule_created": 1,
        "schedule_repeated": 1,
        "schedule_updated": 1,
    }
    (created,) = onec.ledger("schedule_created")
    assert created["shifts"] == {"2018-10-01": [12_600_000, 27_000_000]}
    assert {entry["document"] for entry in onec.ledger(key="a-1/2018-10")} == {"ГР-000001"}
    assert codes_on(onec, dt.date(2018, 10, 2)) == {"Я": 8}
    assert codes_on(onec, dt.date(2018, 10, 1)) == {"В": 0}  # the month was replaced, not added to


def test_past_months_are_left_and_a_past_period_is_refused(onec: Simulated) -> None:
    days = [(f"2018-{month:02}-05", 8.0, 0.0) for month in range(1, 13)]
    assert send(onec, "2018-01-01", "2018-12-31", *days)["result"] == "true"
    assert [entry["month"] for entry in onec.ledger("schedule_created")] == [
        "2018-09",
        "2018-10",
        "2018-11",
        "2018-12",
    ]
    refusal = send(onec, "2018-08-01", "2018-08-31", ("2018-08-05", 8, 0))
    assert refusal["result"] == "false"
    assert "прошедшие" in refusal["message"]


@pytest.mark.parametrize(
    ("first", "last", "word"),
    [
        ("2018-10-01", "2018-10-30", "целых месяцев"),
        ("2018-10-02", "2018-10-31", "целых месяцев"),
        ("2019-01-01", "2019-01-31", "2019"),
    ],
)
def test_periods_that_are_refused(onec: Simulated, first: str, last: str, word: str) -> None:
    answer = send(onec, first, last, (first, 8, 0))
    assert answer["result"] == "false"
    assert word in answer["message"]
    assert onec.counts() == {"person_changed": 1, "schedule_refused": 1}


@pytest.mark.parametrize(
    ("shifts", "word"),
    [
        ([], "Нет данных"),
        ([("2018-11-01", 8, 0)], "не входит"),
        ([("2018-10-01", 8, 0), ("2018-10-01", 1, 0)], "дважды"),
        ([("2018-10-01", 20, 5)], "24"),
    ],
)
def test_shifts_that_are_refused_leave_the_earlier_document(
    onec: Simulated, shifts: list[tuple[str, float, float]], word: str
) -> None:
    send(onec, "2018-10-01", "2018-10-31", ("2018-10-03", 8, 0))
    answer = send(onec, "2018-10-01", "2018-10-31", *shifts)
    assert answer["result"] == "false"
    assert word in answer["message"]
    assert codes_on(onec, dt.date(2018, 10, 3)) == {"Я": 8}


def test_a_part_month_that_is_held_and_a_refusal_on_demand(onec: Simulated) -> None:
    onec.post("/_part_month", {"agentId": "a-1", "month": "2018-10"})
    answer = send(onec, "2018-09-01", "2018-10-31", ("2018-09-20", 8, 0), ("2018-10-01", 8, 0))
    assert "Удалите" in answer["message"]
    assert onec.counts() == {"person_changed": 1, "schedule_refused": 1}  # nothing of it was written
    onec.post("/_part_month", {"agentId": "a-1", "month": "2018-10", "held": False})
    onec.post("/_refusals", {"agentId": "a-1", "message": "Документ открыт другим пользователем."})
    answer = send(onec, "2018-10-01", "2018-10-31", ("2018-10-01", 8, 0))
    assert answer == {"result": "false", "message": "Документ открыт другим пользователем."}
    onec.post("/_refusals", {"agentId": "a-1"})
    assert send(onec, "2018-10-01", "2018-10-31", ("2018-10-01", 8, 0))["result"] == "true"
    assert "не найден" in send(onec, "2018-10-01", "2018-10-31", ("2018-10-01", 8, 0), agent="x")["message"]


def test_days_outside_employment_are_blank_and_months_outside_make_no_document(onec: Simulated) -> None:
    onec.post("/_people", {"action": "dismiss", "agentId": "a-1", "finishwork": "2018-10-10"})
    days = [("2018-10-10", 8.0, 0.0), ("2018-10-11", 8.0, 0.0), ("2018-11-01", 8.0, 0.0)]
    assert send(onec, "2018-10-01", "2018-11-30", *days)["result"] == "true"
    (entry,) = onec.ledger("schedule_created")
    assert (entry["month"], list(entry["shifts"])) == ("2018-10", ["2018-10-10"])
    assert codes_on(onec, dt.date(2018, 10, 11)) == {}


@pytest.mark.parametrize(
    "body",
    [
        {"agentId": "a-1"},
        {"agentId": "a-1", "period1": "01.10.2018", "period2": "2018-10-31", "shift": []},
        {"agentId": "a-1", "period1": "2018-10-01", "period2": "2018-10-31", "shift": [{"date_start": "x"}]},
        ["a-1"],
    ],
)
def test_what_cannot_be_handled_is_a_500(onec: Simulated, body: Any) -> None:
    answer = httpx.post(f"{onec.url}/hs/sendSchedule", json=body)
    assert answer.status_code == 500
    assert answer.json()["error"]


# --- facts and time codes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "start", "minutes", "codes", "document"),
    [
        (0, "2018-10-05T09:00:00+03:00", 480, {"РВ": 8}, "Weekend Work"),
        (0, "2018-10-05T23:00:00+03:00", 240, {"РВН": 4}, "Weekend Work"),
        (8, "", 0, {"НН": 8}, "Failure to appear"),
        (8, "2018-10-05T09:00:00+03:00", 240, {"Я": 4, "НН": 4}, "Failure to appear"),
        (8, "2018-10-05T09:00:00+03:00", 600, {"Я": 8, "С": 2}, "Overtime"),
        (11, "2018-10-05T09:00:00+03:00", 825, {"Я": 11, "С": 2.75}, "Overtime"),
        (8, "2018-10-05T09:00:00+03:00", 480, {"Я": 8}, None),
    ],
)
def test_the_table_of_plan_and_fact(
    onec: Simulated, plan: float, start: str, minutes: int, codes: dict[str, float], document: str | None
) -> None:
    send(onec, "2018-10-01", "2018-10-31", ("2018-10-04", 8, 0), *([("2018-10-05", plan, 0)] if plan else []))
    answer = send_fact(onec, "2018-10-05", *([(start, minutes)] if minutes else []))
    assert answer == {"result": True, "doc": document}
    assert codes_on(onec, dt.date(2018, 10, 5)) == codes
    assert onec.counts().get("fact_document", 0) == (1 if document else 0)


def test_a_fact_sent_twice_makes_two_documents(onec: Simulated) -> None:
    for _time in range(2):
        assert send_fact(onec, "2018-10-05", ("2018-10-05T09:00:00+03:00", 60))["doc"] == "Weekend Work"
    assert onec.counts()["fact_document"] == 2
    assert codes_on(onec, dt.date(2018, 10, 5)) == {"РВ": 2}


def test_nobody_s_fact_makes_nothing(onec: Simulated) -> None:
    answer = send_fact(onec, "2018-10-05", ("2018-10-05T09:00:00+03:00", 60), agent="nobody")
    assert answer == {"result": False, "doc": None}
    assert send_fact(onec, "2018-10-05") == {"result": True, "doc": None}
    assert "fact_document" not in onec.counts()


def test_night_is_judged_by_the_clock_of_the_site(onec: Simulated) -> None:
    send_fact(onec, "2018-10-05", ("2018-10-05T21:00:00+07:00", 120))
    assert codes_on(onec, dt.date(2018, 10, 5)) == {"РВ": 1, "РВН": 1}


@pytest.mark.parametrize(
    "slices",
    [
        [("09:00", 900_001)],
        [("09:00", 0)],
        [("09:00", 600_000), ("09:10", 900_000)],
        [("09:00", 900_000), ("09:10", 900_000)],
    ],
)
def test_slices_are_quarters_and_only_the_last_of_a_stretch_is_shorter(
    onec: Simulated, slices: list[tuple[str, int]]
) -> None:
    rows = [{"start": f"2018-10-05T{clock}:00+03:00", "time": length} for clock, length in slices]
    body = {"agentId": "a-1", "initiator_name": "П", "date_start": "2018-10-05", "loginfo": rows}
    assert httpx.post(f"{onec.url}/hs/sendFactWorkTime", json=body).status_code == 500


def test_absences_are_text_and_the_halves_count_what_was_worked(onec: Simulated) -> None:
    days = [(f"2018-10-{day:02}", 6.0, 2.0) for day in (1, 2, 15, 16, 17)]
    send(onec, "2018-10-01", "2018-10-31", *days)
    onec.post("/_absences", {"agentId": "a-1", "code": "ОТ", "from": "2018-10-18", "to": "2018-10-31"})
    send_fact(onec, "2018-10-02", ("2018-10-02T09:00:00+03:00", 300))
    send_fact(onec, "2018-10-16", ("2018-10-16T09:00:00+03:00", 300))
    send_fact(onec, "2018-10-05", ("2018-10-05T09:00:00+03:00", 165))
    found = sheet(onec, "2018-10-01", "2018-10-31")
    assert found["AR_N"] == [
        {"timetype_N": "НН", "hours_N": "2(6)"},
        {"timetype_N": "ОТ", "hours_N": "14"},
    ]
    assert (found["half1_days"], found["half1_hours"]) == (4, 8 + 5 + 8 + 2.75)
    assert (found["half2_days"], found["half2_hours"]) == (2, 13)
    window = {"date_start": "2018-10-31", "date_end": "2018-11-01", "AR_agents": []}
    assert httpx.post(f"{onec.url}/hs/getTimetypeInfo", json=window).status_code == 500


# --- the feed broken, the process killed ------------------------------------------------------------------


def test_half_of_the_people_and_none_of_them(onec: Simulated) -> None:
    everybody = len(agents_of(onec))
    onec.fault("half", match="/agents/", times=1)
    onec.fault("none", match="/agents/", times=1)
    assert len(agents_of(onec)) == everybody // 2
    assert feed(onec)["AR_agents"] == []
    assert len(agents_of(onec)) == everybody


def test_documents_outlive_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "onec.jsonl"
    with simulated_process("onec", "--ledger", str(file), "--people", "3", "--today", "2018-09-12") as onec:
        agent = feed(onec)["AR_agents"][0]["agentId"]
        send(onec, "2018-10-01", "2018-10-31", ("2018-10-01", 8, 0), agent=agent)
        onec.kill()
        onec.restart()
        send(onec, "2018-10-01", "2018-10-31", ("2018-10-01", 8, 0), agent=agent)
        assert onec.counts() == {"schedule_created": 1, "schedule_repeated": 1}


def test_numbers_with_commas_on_demand(onec: Simulated) -> None:
    onec.fault("comma", match="getNormHours")
    (row,) = norms(onec, "2018-01-01", "2018-12-31", "year", ("2018-01-01", 36))
    assert row["normHours"] == "1772,4"
