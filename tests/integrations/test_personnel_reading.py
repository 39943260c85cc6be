"""Reading what 1C answers: tolerant of how it is written, strict in what it says."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.errors import ConfigurationError, PoisonError
from apps.integrations.wire.onec.agents import read_agents
from apps.integrations.wire.onec.fields import FieldError, Row, to_day, to_number
from apps.integrations.wire.onec.gateway_agents import read_gateway_agents
from apps.integrations.wire.onec.norms import read_norms
from apps.integrations.wire.onec.timetypes import absence_amount, read_timetypes

MARCH = dt.date(2018, 3, 28)


def agent(**facts: Any) -> dict[str, Any]:
    stated = {
        "agentId": "6a5b",
        "tabN": "000123",
        "lastname": "Петрова",
        "firstname": "Анна",
        "secondname": "",
        "startwork": "2018-03-27T21:00:00Z",
        "finishwork": None,
        "positionId": "p-1",
        "position": "Оператор",
        "positionChangeDate": "2019-01-31T21:00:00Z",
        "departmentId": "d-1",
        "rate": "0,5",
        "Login": "CORP\\petrova",
        "normWeek": "20",
        "normWeekChangeDate": "2018-03-28",
        "area": "Москва",
        "AR_vacation": [{"date": "2026-01-30T21:00:00Z", "vacation": "2,33"}],
    }
    return stated | facts


def answer(*agents: Any, **facts: Any) -> list[dict[str, Any]]:
    departments = [{"departmentId": "d-1", "department": "Линия", "parentDepartmentId": ""}]
    return [{"AR_departments": departments, "AR_agents": list(agents)} | facts]


def row(**facts: Any) -> dict[str, Any]:
    return {
        "agent_id": "g-1",
        "tab_number": "000123",
        "lastname": "Петрова",
        "firstname": "Анна",
    } | facts


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2018-03-27T21:00:00Z", MARCH),
        ("2018-03-27T21:00:00.000z", MARCH),
        ("2018-03-28T00:00:00+03:00", MARCH),
        ("2018-03-28T02:00:00+0500", MARCH),
        ("2018-03-28T23:59:59", MARCH),
        ("2018-03-28 08:00", MARCH),
        ("2018-03-28", MARCH),
        ("2012-06-30T20:00:00Z", dt.date(2012, 7, 1)),  # Moscow was at +04:00
        ("2012-06-30T19:59:59Z", dt.date(2012, 6, 30)),
        ("2014-10-26T20:59:59Z", dt.date(2014, 10, 26)),  # the day on which it went back to +03:00
        ("28.03.2018", None),
        ("2018-02-30", None),
        ("1018-03-28", None),
        ("2018-03-28T25:00:00", None),
        ("x", None),
    ],
)
def test_an_instant_is_the_day_in_moscow(text: str, day: dt.date | None) -> None:
    assert to_day(text) == day


@pytest.mark.parametrize("text", [None, "", " ", "0001-01-01", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00"])
def test_the_empty_date_of_1c_is_none(text: str | None) -> None:
    assert Row({"finishwork": text}).day("finishwork") is None


@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_an_instant_is_the_same_day_however_it_is_written(moment: dt.datetime) -> None:
    offset = moment.utcoffset()
    if offset is None or offset.total_seconds() % 60:
        return
    utc = moment.astimezone(dt.UTC)
    assert to_day(moment.isoformat()) == to_day(utc.isoformat().replace("+00:00", "Z"))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12600000", Decimal(12600000)),
        ("12 600 000", Decimal(12600000)),
        ("12\u00a0600\u202f000", Decimal(12600000)),
        ("0,5", Decimal("0.5")),
        (".5", Decimal("0.5")),
        (0.5, Decimal("0.5")),
        (12600000.0, Decimal(12600000)),
        ("-1,25", Decimal("-1.25")),
        ("1.234,5", None),
        ("1e3", None),
        ("NaN", None),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        ("٣", None),
        ("", None),
    ],
)
def test_numbers_are_read_as_1c_writes_them(text: Any, number: Decimal | None) -> None:
    assert to_number(text) == number


@given(st.decimals(-999_999, 999_999, places=3), st.sampled_from(["", "\u00a0", " ", "\u202f"]))
def test_a_number_survives_commas_and_spaces(number: Decimal, space: str) -> None:
    written = f"{number:,}".replace(",", space).replace(".", ",")
    assert to_number(written) == number


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())))
def test_any_value_is_read_or_refused_by_name(value: Any) -> None:
    found = Row({"field": value})
    reads = (
        found.text,
        found.flag,
        found.day,
        lambda name: found.number(name, least=0, most=60),
        lambda name: found.whole(name, least=0, most=60),
    )
    refused = []
    for read in reads:
        try:
            read("field")
        except FieldError as refusal:
            refused.append(refusal)
    assert all(refusal.field == "field" and str(refusal.reason) for refusal in refused)


@pytest.mark.parametrize("spelling", [True, "true", "TRUE", "1", 1])
def test_truth_in_any_spelling(spelling: Any) -> None:
    assert Row({"result": spelling}).flag("result")


def test_a_person_is_read_whole() -> None:
    read = read_agents(answer(agent()))
    assert not read.bad_rows
    assert not read.incomplete
    (person,) = read.people
    assert (person.personnel_number, person.hired_on, person.dismissed_on) == ("000123", MARCH, None)
    assert (person.rate, person.weekly_norm_minutes) == (Decimal("0.5"), 1200)
    assert person.position_since == dt.date(2019, 2, 1)
    assert [(one.day, one.days) for one in person.balances] == [(dt.date(2026, 1, 31), Decimal("2.33"))]


@pytest.mark.parametrize(
    ("one", "other"),
    [("agentId", "agentID"), ("departmentId", "department_id"), ("Login", "login"), ("tabN", "TabN")],
)
def test_other_spellings_of_names_are_the_same(one: str, other: str) -> None:
    spelt = {other if name == one else name: value for name, value in agent().items()}
    assert read_agents(answer(spelt)).people == read_agents(answer(agent())).people


def test_the_parent_of_a_department_is_found_in_both_spellings() -> None:
    departments = [
        {"departmentId": "d-0", "department": "Центр", "parentDepartmentId": ""},
        {"departmentId": "d-1", "department": "Линия", "parent_departmentId": "d-0"},
        {"departmentId": "d-2", "department": "Чат", "parentDepartmentId": "d-0"},
    ]
    read = read_agents(answer(agent(), AR_departments=departments))
    assert [row.parent_id for row in read.departments] == ["", "d-0", "d-0"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tabN", ""),
        ("lastname", None),
        ("startwork", "soon"),
        ("startwork", "0001-01-01"),
        ("normWeek", "61"),
        ("normWeek", None),
        ("normWeek", "forty"),
        ("departmentId", {}),
        ("rate", "-1"),
        ("AR_vacation", {"date": "2026-01-31"}),
    ],
)
def test_a_bad_row_is_named_with_its_field_and_the_rest_goes_on(field: str, value: Any) -> None:
    people = [agent(agentId=f"a-{number}", tabN=f"{number}") for number in range(99)]
    read = read_agents(answer(*people, agent(agentId="bad", **{field: value})))
    assert len(read.people) == 99
    (bad,) = read.bad_rows
    assert (bad.agent_id, bad.field) == ("bad", field)
    assert str(bad.reason)
    assert "bad" in read.named


@pytest.mark.parametrize(
    "body",
    [
        [],
        [{}, {"AR_agents": []}],
        answer(),
        [{"AR_departments": [{"departmentId": "d-1", "department": "Линия"}]}],
        [{"AR_agents": [agent()]}],
        answer(agent(), AR_departments=[]),
        answer(agent(), agent(agentId="")),
        answer(agent(), "not a row"),
        answer(agent(), agent(agentId="a-2", departmentId="gone")),
        answer(AR_agents=None),
    ],
)
def test_half_an_answer_never_looks_whole(body: Any) -> None:
    assert read_agents(body).incomplete


@pytest.mark.parametrize("body", ["text", 5, None, [1, 2], [{"error": "x"}], [{"items": []}]])
def test_an_answer_of_another_kind_is_poison(body: Any) -> None:
    with pytest.raises(PoisonError):
        read_agents(body)


def test_the_other_dialect_is_told_in_words() -> None:
    with pytest.raises(ConfigurationError, match="gateway"):
        read_agents([row()])
    with pytest.raises(ConfigurationError, match="zup"):
        read_gateway_agents(answer(agent()))


def test_who_is_named_twice_with_different_facts_is_refused_once() -> None:
    read = read_agents(
        answer(agent(), agent(), agent(agentId="a-2"), agent(agentId="a-2", lastname="Другая"))
    )
    assert [person.agent_id for person in read.people] == ["6a5b"]
    assert [bad.agent_id for bad in read.bad_rows] == ["a-2"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tab_number", "1234"),
        ("tab_number", "12345678901"),
        ("tab_number", "10-000"),
        ("tab_number", ""),
        ("agent_id", None),
        ("lastname", ""),
        ("firstname", ""),
        ("norm_week", 61),
        ("norm_week", -1),
        ("start_work", "2026-13-01"),
    ],
)
def test_a_bad_row_of_the_gateway_is_skipped(field: str, value: Any) -> None:
    read = read_gateway_agents([row(agent_id="g-0", tab_number="00000"), row(**{field: value})])
    assert [person.agent_id for person in read.people] == ["g-0"]
    assert [bad.field for bad in read.bad_rows] == [field]


@pytest.mark.parametrize("number", ["00123", "1234567890"])
def test_personnel_numbers_of_the_gateway_keep_their_zeros(number: str) -> None:
    (person,) = read_gateway_agents([row(tab_number=number, norm_week="60")]).people
    assert (person.personnel_number, person.rate, person.weekly_norm_minutes) == (number, Decimal(1), 3600)


def test_norms_are_read_in_hours_of_any_spelling() -> None:
    body = [
        {
            "agentId": "a",
            "normHours": "1\u00a0772,4",
            "startDate": "2017-12-31T21:00:00Z",
            "endDate": "2018-12-31",
        },
        {"agentID": "b", "normHours": 1970, "startDate": "2018-01-01", "endDate": "2018-12-31"},
        {"agentId": "c", "normHours": "many", "startDate": "2018-01-01", "endDate": "2018-12-31"},
        {"agentId": "d", "normHours": 1, "startDate": "2018-02-01", "endDate": "2018-01-01"},
    ]
    read = read_norms(body)
    assert [(norm.agent_id, norm.seconds / 3600) for norm in read.norms] == [("a", 1772.4), ("b", 1970)]
    assert read.norms[0].first == dt.date(2018, 1, 1)
    assert [bad.field for bad in read.bad_rows] == ["normHours", "endDate"]


def test_several_codes_share_a_day_and_texts_are_kept() -> None:
    body = [
        {
            "agentId": "a",
            "AR_date": [
                {"date": "2026-10-31T21:00:00Z", "timetype": "Я", "hours": "11"},
                {"date": "2026-11-01", "timetype": "С", "hours": "2,75"},
                {"date": "2026-11-02", "timetype": "ОТ", "hours": None},
            ],
            "AR_N": [{"timetype_N": "НН", "hours_N": "2(6)"}, {"timetype_N": "ОТ", "hours_N": "14"}],
            "half1_days": "1",
            "half1_hours": "13,75",
            "half2_days": 0,
            "half2_hours": 0,
        }
    ]
    (person,) = read_timetypes(body).people
    day = dt.date(2026, 11, 1)
    assert [(code.date, code.code, code.seconds) for code in person.days[:2]] == [
        (day, "Я", 39_600),
        (day, "С", 9_900),
    ]
    assert person.days[2].seconds == 0
    assert person.absences == (("НН", "2(6)"), ("ОТ", "14"))
    assert (person.half1_days, person.half1_seconds) == (1, 49_500)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("2(6)", (Decimal(2), 21_600)),
        ("14", (Decimal(14), 0)),
        ("1 (7,5)", (Decimal(1), 27_000)),
        ("?", None),
    ],
)
def test_absences_are_days_and_hours(text: str, amount: tuple[Decimal, int] | None) -> None:
    assert absence_amount(text) == amount
