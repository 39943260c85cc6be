"""Norms and time codes of 1C: the contract's figures, what is kept, and what is told."""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from apps.algorithms.norms import norm_minutes
from apps.integrations.choices import FailureClass, RunState
from apps.integrations.errors import ConfigurationError
from apps.integrations.models import Connection, PersonLink
from apps.integrations.services.access import access_of
from apps.integrations.services.months import period_of
from apps.integrations.services.norms import NORMS
from apps.integrations.services.timetypes import MONTH, TIMETYPES, fetch
from apps.organization.models import EmploymentTerms
from apps.workcalendar.models import PersonNorm, ReceivedTimeCode, ReceivedTimeSummary
from apps.workcalendar.selectors import weekly_norms
from tests.factories import make_calendar, make_employee, make_site, make_terms
from tests.integrations.onec_people import make_agent, make_onec
from tests.integrations.onec_runs import run_for
from tests.integrations.peer import answering, peer
from tests.integrations.simulated import Simulated, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.models import Run
    from apps.organization.models import Employee

pytestmark = pytest.mark.django_db
HOUR_S = 3600


@pytest.mark.parametrize(
    ("days", "short", "hours"),
    [
        (247, 6, {40: "1970", 36: "1772.4", 30: "1476"}),
        (191, 4, {40: "1524", 36: "1371.2"}),
        (131, 1, {40: "1047", 36: "942.2"}),
        (89, 4, {40: "708", 36: "636.8"}),
        (57, 2, {40: "454"}),  # the quarters of 2023
        (61, 0, {40: "488"}),
        (65, 0, {40: "520"}),
        (64, 1, {40: "511"}),
    ],
)
def test_our_own_norm_gives_the_figures_of_the_contract(days: int, short: int, hours: dict[int, str]) -> None:
    for week, norm in hours.items():
        assert norm_minutes(week * 60, days, short) == Fraction(norm) * 60


@pytest.mark.parametrize(
    ("mode", "first", "last"),
    [
        ("month", dt.date(2026, 11, 1), dt.date(2026, 11, 30)),
        ("quarter", dt.date(2026, 10, 1), dt.date(2026, 12, 31)),
        ("year", dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
    ],
)
def test_a_period_holds_its_month(mode: str, first: dt.date, last: dt.date) -> None:
    assert period_of(dt.date(2026, 11, 1), mode) == (first, last)


@pytest.fixture(scope="module")
def server() -> Iterator[Simulated]:
    with simulated_thread("onec", "--people", "0", "--today", "2018-09-12") as simulated:
        yield simulated


@pytest.fixture
def onec(server: Simulated) -> Simulated:
    server.reset()
    return server


@pytest.fixture
def connection(onec: Simulated) -> Connection:
    return make_onec(onec)


def linked(onec: Simulated, connection: Connection, agent_id: str = "a-1", week: int = 40) -> Employee:
    person = make_agent(
        onec, agent_id, hired_on=dt.date(2017, 1, 10), weekly_norm_minutes=week * 60, site=make_site()
    )
    PersonLink.objects.create(connection=connection, employee=person, external_id=agent_id)
    return person


@pytest.mark.parametrize(("week", "hours"), [(40, 1970), (36, 1772.4), (30, 1476)])
def test_the_norm_of_a_year_is_kept(onec: Simulated, connection: Connection, week: int, hours: float) -> None:
    person = linked(onec, connection, week=week)
    run = run_for(connection, NORMS, month="2018-09", modes=["year"])
    assert run.state == RunState.DONE, str(run.reason)
    norm = PersonNorm.objects.get(employee=person)
    assert (norm.mode, norm.first, norm.last) == ("year", dt.date(2018, 1, 1), dt.date(2018, 12, 31))
    assert norm.seconds == round(hours * HOUR_S)
    assert norm.source == connection.code
    assert [one["field"] for one in run.problems] == ["calendar"]  # ours of 2018 is not filled
    assert norm.own_seconds is None


def test_the_same_norms_again_are_not_written(onec: Simulated, connection: Connection) -> None:
    linked(onec, connection)
    run_for(connection, NORMS, month="2018-09")
    again = run_for(connection, NORMS, month="2018-09")
    assert (again.counts["norms"], again.counts["written"]) == (1, 0)


def test_a_norm_that_differs_from_ours_is_told(onec: Simulated, connection: Connection) -> None:
    make_calendar(years=(2018,))  # without a holiday: more than 1C has
    person = linked(onec, connection)
    run = run_for(connection, NORMS, month="2018-11")
    assert run.counts["differences"] == 1
    (problem,) = run.problems
    assert problem["subject"] == "a-1"
    assert "176" in problem["reason"]
    assert PersonNorm.objects.get(employee=person).own_seconds == 176 * HOUR_S


def test_every_change_of_the_weekly_norm_is_told_to_1c(onec: Simulated, connection: Connection) -> None:
    person = linked(onec, connection)
    EmploymentTerms.objects.filter(employee=person).update(valid_to=dt.date(2018, 9, 9))
    make_terms(person, valid_from=dt.date(2018, 9, 10), weekly_norm_minutes=1200)
    assert weekly_norms([person.pk], dt.date(2018, 9, 1), dt.date(2018, 9, 30)) == {
        person.pk: [(dt.date(2017, 1, 10), 2400), (dt.date(2018, 9, 10), 1200)]
    }
    run_for(connection, NORMS, month="2018-09")
    # 5 working days of 8 h before the change, 15 of 4 h after it
    assert PersonNorm.objects.get(employee=person).seconds == (5 * 8 + 15 * 4) * HOUR_S


def test_a_missing_calendar_of_1c_is_a_refusal_in_its_words(onec: Simulated, connection: Connection) -> None:
    linked(onec, connection)
    onec.post("/_calendar", {"missing": [2018]})
    run = run_for(connection, NORMS, month="2018-09")
    assert (run.state, run.failure) == (RunState.FAILED, FailureClass.REFUSED)
    assert "2018" in str(run.reason)
    asked = [request for request in onec.requests() if "getNormHours" in request["path"]]
    assert len(asked) == 1


def test_who_1c_does_not_know_is_named_and_the_rest_goes_on(onec: Simulated, connection: Connection) -> None:
    linked(onec, connection)
    stranger = make_employee(hired_on=dt.date(2017, 1, 10))
    PersonLink.objects.create(connection=connection, employee=stranger, external_id="nobody")
    run = run_for(connection, NORMS, month="2018-09")
    assert run.counts["norms"] == 1
    assert "nobody" in [one["subject"] for one in run.problems]


def plan(onec: Simulated, agent_id: str, day: str, hours: float) -> None:
    row = {"date_start": day, "daily_hours": int(hours * HOUR_S * 1000), "night_hours": 0}
    month = {"period1": "2018-09-01", "period2": "2018-09-30"}
    onec.post("/zup/hs/wfm/sendSchedule", {"agentId": agent_id, **month, "shift": [row]})


def test_time_codes_are_kept_as_1c_sent_them(onec: Simulated, connection: Connection) -> None:
    person = linked(onec, connection)
    plan(onec, "a-1", "2018-09-03", 11)
    onec.post("/_absences", {"agentId": "a-1", "from": "2018-09-20", "to": "2018-09-21", "code": "ОТ"})
    run = run_for(connection, TIMETYPES, month="2018-09")
    assert run.state == RunState.DONE, str(run.reason)
    codes = ReceivedTimeCode.objects.filter(employee=person)
    assert codes.get(date=dt.date(2018, 9, 3)).code == "Я"
    assert codes.get(date=dt.date(2018, 9, 3)).seconds == 11 * HOUR_S
    summary = ReceivedTimeSummary.objects.get(employee=person)
    assert summary.absences == [["ОТ", "2"]]
    assert (summary.half1_days, summary.half1_seconds) == (1, 11 * HOUR_S)
    with CaptureQueriesContext(database) as queries:
        again = run_for(connection, TIMETYPES, month="2018-09")
    assert again.counts["changed"] == 0
    written = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE"))]
    assert not [sql for sql in written if "receivedtime" in sql]


def test_the_monthly_run_takes_both(onec: Simulated, connection: Connection) -> None:
    linked(onec, connection)
    run = run_for(connection, MONTH, month="2018-09")
    assert run.state == RunState.DONE
    assert (run.counts["norms"], run.counts["received"]) == (1, 1)


def test_whoever_doubts_can_ask_without_storing(onec: Simulated, connection: Connection) -> None:
    linked(onec, connection)
    plan(onec, "a-1", "2018-09-03", 8)
    access = access_of(connection.pk)
    days = dt.date(2018, 9, 3), dt.date(2018, 9, 4)
    found = fetch(access, days, ["a-1", "nobody"], session_id=uuid4())
    assert list(found) == ["a-1"]
    assert ("Я", 8 * HOUR_S) in {(code.code, code.seconds) for code in found["a-1"].days}
    assert not ReceivedTimeCode.objects.exists()
    with pytest.raises(ValueError, match="one month"):
        fetch(access, (dt.date(2018, 9, 3), dt.date(2018, 10, 4)), ["a-1"], session_id=uuid4())


@pytest.mark.parametrize("purpose", [NORMS, TIMETYPES, MONTH])
def test_the_gateway_has_neither(onec: Simulated, purpose: str) -> None:
    connection = make_onec(onec, dialect="gateway")
    linked(onec, connection)
    run = run_for(connection, purpose, month="2018-09")
    assert (run.state, run.failure) == (RunState.FAILED, FailureClass.CONFIGURATION)
    with pytest.raises(ConfigurationError, match="getTimetypeInfo"):
        fetch(access_of(connection.pk), (dt.date(2018, 9, 3),) * 2, ["a-1"], session_id=uuid4())


def answered(connection: Connection, purpose: str, rows: list[dict[str, Any]]) -> Run:
    """Let a run for September 2018 be answered with these rows."""
    with peer(answering(json.dumps(rows).encode())) as serving:
        Connection.objects.filter(pk=connection.pk).update(base_url=f"http://127.0.0.1:{serving.port}/hs")
        return run_for(connection, purpose, month="2018-09")


def norm_row(agent_id: str, hours: Any = 160) -> dict[str, Any]:
    return {"agentId": agent_id, "normHours": hours, "startDate": "2018-09-01", "endDate": "2018-09-30"}


def test_norms_stay_where_an_answer_is_not_whole(onec: Simulated, connection: Connection) -> None:
    people = {agent_id: linked(onec, connection, agent_id) for agent_id in ("a-1", "a-2", "a-3")}
    answered(connection, NORMS, [norm_row(agent_id) for agent_id in people])
    run = answered(connection, NORMS, [norm_row("a-1", 152), norm_row("a-2", "many")])
    kept = dict(PersonNorm.objects.values_list("employee", "seconds"))
    assert kept == {
        people["a-1"].pk: 152 * HOUR_S,
        people["a-2"].pk: 160 * HOUR_S,
        people["a-3"].pk: 160 * HOUR_S,
    }
    said = [(one["subject"], one["field"]) for one in run.problems if one["field"] in {"norm", "normHours"}]
    assert said == [("a-2", "normHours"), ("a-3", "norm")]
    answered(connection, NORMS, [])
    assert dict(PersonNorm.objects.values_list("employee", "seconds")) == kept


def test_whose_time_codes_cannot_be_read_is_named(onec: Simulated, connection: Connection) -> None:
    for agent_id in ("a-1", "a-2", "a-3"):
        linked(onec, connection, agent_id)
    bad = {"agentId": "a-2", "AR_date": [{"date": "2018-09-03", "timetype": "Я", "hours": "many"}]}
    run = answered(connection, TIMETYPES, [{"agentId": "a-1"}, bad])
    assert run.counts["received"] == 1
    assert [(one["subject"], one["field"]) for one in run.problems] == [("a-2", "hours"), ("a-3", "")]
