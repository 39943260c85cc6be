"""Personnel runs against the simulated 1C: plans, guards, what the database and the network do to them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.integrations.choices import ChangeOutcome, FailureClass, RunState
from apps.integrations.models import PersonLink, PlannedChange
from apps.integrations.services.personnel import PERSONNEL, apply_decision, decide
from apps.organization.models import Department, Employee, EmploymentTerms
from apps.workcalendar.models import VacationBalance
from tests.factories import make_employee, make_user
from tests.integrations.onec_people import make_onec
from tests.integrations.onec_runs import run_for
from tests.integrations.simulated import Simulated, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.models import Connection

pytestmark = pytest.mark.django_db
PEOPLE = 24


@pytest.fixture(scope="module")
def server() -> Iterator[Simulated]:
    with simulated_thread("onec", "--people", str(PEOPLE), "--untidy") as simulated:
        yield simulated


@pytest.fixture
def onec(server: Simulated) -> Simulated:
    server.reset()
    return server


@pytest.fixture
def connection(onec: Simulated) -> Connection:
    return make_onec(onec)


@pytest.fixture
def loaded(connection: Connection) -> Connection:
    run = run_for(connection, PERSONNEL)
    assert run.state == RunState.DONE, str(run.reason)
    return connection


def told(onec: Simulated) -> int:
    return int(onec.state()["people_told"])


def an_agent(at: int = 0) -> str:
    return list(
        PersonLink.objects.filter(employee__dismissed_on=None)
        .order_by("employee__personnel_number")
        .values_list("external_id", flat=True)
    )[at]


def test_everybody_of_1c_is_there_after_the_first_run(onec: Simulated, loaded: Connection) -> None:
    run = loaded.runs.get()
    assert run.counts["created"] == run.counts["people"] == told(onec) == Employee.objects.count()
    assert run.problems == []
    assert not EmploymentTerms.objects.filter(weekly_norm_minutes=0).exists()
    assert Department.objects.exclude(parent=None).exists()
    assert VacationBalance.objects.exists()
    assert PersonLink.objects.count() == told(onec)


def test_the_second_run_writes_nothing_of_people(onec: Simulated, loaded: Connection) -> None:
    tables = ["organization_employee", "organization_employmentterms", "accounts_user", "vacationbalance"]
    with CaptureQueriesContext(database) as queries:
        run = run_for(loaded, PERSONNEL)
    assert run.state == RunState.DONE
    assert (run.counts["created"], run.counts["updated"], run.counts["deactivated"]) == (0, 0, 0)
    assert run.counts["balances"] == 0
    assert run.counts["unchanged"] == told(onec)
    assert not run.changes.exists()
    written = [query["sql"] for query in queries if query["sql"].split(maxsplit=1)[0] in {"INSERT", "UPDATE"}]
    tables += ["personlink", "plannedchange"]
    assert not [sql for sql in written if any(table in sql for table in tables)]


@pytest.mark.parametrize(("kind", "what"), [("half", "named"), ("none", "empty")])
def test_a_halved_or_empty_answer_dismisses_nobody(
    onec: Simulated, loaded: Connection, kind: str, what: str
) -> None:
    onec.fault(kind, "/agents/")
    run = run_for(loaded, PERSONNEL)
    onec.clear_faults()
    assert run.state == RunState.WAITING, what
    assert str(run.reason)
    assert not Employee.objects.filter(dismissed_on__gte=dt.date(2026, 1, 1), external_id=an_agent()).exists()
    gone = run.changes.filter(has_vanished=True)
    assert gone.count() == run.counts["vanished"] > 0
    assert not gone.exclude(outcome=ChangeOutcome.WAITING).exists()
    later = run_for(loaded, PERSONNEL)  # 1C is well again: the old plan goes by itself
    run.refresh_from_db()
    assert (later.state, run.state) == (RunState.DONE, RunState.CANCELLED)
    assert not run.changes.exclude(outcome=ChangeOutcome.DECLINED).exists()


def test_few_who_vanish_from_a_whole_answer_are_deactivated(onec: Simulated, loaded: Connection) -> None:
    agent = an_agent()
    onec.post("/_people", {"action": "forget", "agentId": agent})
    run = run_for(loaded, PERSONNEL)
    assert (run.state, run.counts["deactivated"]) == (RunState.DONE, 1)
    gone = Employee.objects.get(external_id=agent)
    assert gone.dismissed_on is not None
    assert not gone.terms.filter(valid_to=None).exists()
    again = run_for(loaded, PERSONNEL)
    assert (again.counts["deactivated"], again.counts["vanished"]) == (0, 0)


def test_the_limit_of_vanished_people_is_an_option(onec: Simulated, loaded: Connection) -> None:
    onec.post("/_people", {"action": "forget", "agentId": an_agent()})
    run = run_for(loaded, PERSONNEL, vanish_limit_percent=1)
    assert run.state == RunState.WAITING
    assert not Employee.objects.filter(pk__in=run.changes.values("employee"), dismissed_on__isnull=False)


def test_one_unreadable_row_is_named_and_its_person_does_not_vanish(
    onec: Simulated, loaded: Connection
) -> None:
    agent, renamed = an_agent(0), an_agent(1)
    onec.post("/_people", {"action": "spoil", "agentId": agent, "fields": {"normWeek": "сорок"}})
    onec.post("/_people", {"action": "rename", "agentId": renamed, "lastname": "Новофамильная"})
    run = run_for(loaded, PERSONNEL)
    assert run.state == RunState.DONE
    assert [(one["subject"], one["field"]) for one in run.problems] == [(agent, "normWeek")]
    assert (run.counts["updated"], run.counts["vanished"], run.counts["refused"]) == (1, 0, 1)
    assert Employee.objects.get(external_id=renamed).last_name == "Новофамильная"


def test_a_plan_can_wait_to_be_seen_and_is_compared_anew_when_applied(
    onec: Simulated, loaded: Connection
) -> None:
    first, second = an_agent(0), an_agent(1)
    for agent in (first, second):
        onec.post("/_people", {"action": "rename", "agentId": agent, "lastname": "Из1С"})
    run = run_for(loaded, PERSONNEL, apply="ask")
    assert (run.state, run.changes.count()) == (RunState.WAITING, 2)
    change = run.changes.get(external_id=first)
    assert change.fields["last_name"][1] == "Из1С"
    Employee.objects.filter(external_id=first).update(last_name="Поправлено")
    planner = make_user("planner")
    apply_decision(run.pk, with_vanished=True, actor=planner)
    run.refresh_from_db()
    assert (run.state, run.counts["updated"]) == (RunState.DONE, 1)
    outcomes = dict(run.changes.values_list("external_id", "outcome"))
    assert outcomes == {first: ChangeOutcome.REFUSED, second: ChangeOutcome.APPLIED}
    assert run.changes.get(external_id=first).reason
    assert Employee.objects.get(external_id=first).last_name == "Поправлено"


def test_approving_without_the_vanished_leaves_them(onec: Simulated, loaded: Connection) -> None:
    onec.post("/_people", {"action": "rename", "agentId": an_agent(0), "lastname": "Из1С"})
    gone = [an_agent(at) for at in range(1, 6)]
    for agent in gone:
        onec.post("/_people", {"action": "forget", "agentId": agent})
    run = run_for(loaded, PERSONNEL)
    assert run.state == RunState.WAITING
    apply_decision(run.pk, with_vanished=False, actor=None)
    run.refresh_from_db()
    assert (run.counts["updated"], run.counts["deactivated"]) == (1, 0)
    assert not Employee.objects.filter(external_id__in=gone).exclude(dismissed_on=None).exists()


def test_a_declined_plan_changes_nothing(onec: Simulated, loaded: Connection) -> None:
    onec.post("/_people", {"action": "rename", "agentId": an_agent(), "lastname": "Из1С"})
    run = run_for(loaded, PERSONNEL, apply="ask")
    decide(run.pk, approve=False, actor=make_user("planner"))
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert not Employee.objects.filter(last_name="Из1С").exists()
    assert set(run.changes.values_list("outcome", flat=True)) == {ChangeOutcome.DECLINED}


def test_people_are_found_by_personnel_number_and_linked(onec: Simulated) -> None:
    answer = onec.get("/zup/hs/wfm/agents/2026-01-01/2026-01-31")[0]["AR_agents"][0]
    number = answer["tabN"]
    there = make_employee(personnel_number=number, last_name="Здешняя")
    run = run_for(make_onec(onec, options={"match_by": "personnel_number"}), PERSONNEL)
    assert run.state == RunState.DONE
    there.refresh_from_db()
    assert there.external_id == (answer.get("agentId") or answer.get("agentID"))
    assert there.last_name != "Здешняя"
    assert PersonLink.objects.get(employee=there).external_id == there.external_id


def test_a_system_that_is_no_master_overwrites_nobody(onec: Simulated) -> None:
    answer = onec.get("/zup/hs/wfm/agents/2026-01-01/2026-01-31")[0]["AR_agents"][0]
    there = make_employee(personnel_number=answer["tabN"], last_name="Здешняя")
    options = {"match_by": "personnel_number", "is_master": False}
    run = run_for(make_onec(onec, options=options), PERSONNEL)
    there.refresh_from_db()
    assert (run.state, there.last_name) == (RunState.DONE, "Здешняя")
    assert there.external_id


def test_a_duplicate_personnel_number_is_refused_by_name(onec: Simulated, connection: Connection) -> None:
    answer = onec.get("/zup/hs/wfm/agents/2026-01-01/2026-01-31")[0]["AR_agents"][3]
    make_employee(personnel_number=answer["tabN"])
    run = run_for(connection, PERSONNEL)
    assert run.state == RunState.DONE
    assert [one["field"] for one in run.problems] == ["personnel_number"]
    assert run.counts["created"] == told(onec) - 1


def test_accounts_are_linked_by_login_and_made_only_when_asked(onec: Simulated) -> None:
    agents = onec.get("/zup/hs/wfm/agents/2026-01-01/2026-01-31")[0]["AR_agents"]
    login = next(
        one.get("Login") or one.get("login") for one in agents if one.get("Login") or one.get("login")
    )
    user = make_user(username=login.upper())
    connection = make_onec(onec)
    run_for(connection, PERSONNEL)
    assert user.employee.personnel_number
    assert User.objects.count() == 1
    run = run_for(make_onec(onec, options={"create_accounts": True, "match_by": "external_id"}), PERSONNEL)
    assert run.state == RunState.DONE


@pytest.mark.parametrize(
    ("fault", "more", "failure"),
    [
        ("status", {"status": 500, "content": "<html>1C</html>"}, FailureClass.RETRY),
        ("status", {"status": 401}, FailureClass.AUTHENTICATION),
        ("status", {"status": 404}, FailureClass.CONFIGURATION),
        ("empty", {}, FailureClass.RETRY),
        ("truncated", {}, FailureClass.RETRY),
        ("cp1251", {}, FailureClass.POISON),
        ("nan", {}, FailureClass.POISON),
    ],
)
def test_an_ill_answer_ends_the_run_in_its_class(
    onec: Simulated, loaded: Connection, fault: str, more: dict[str, Any], failure: str
) -> None:
    onec.fault(fault, "/agents/", **more)
    run = run_for(loaded, PERSONNEL)
    assert (run.state, run.failure) == (RunState.FAILED, failure)
    assert str(run.reason)
    assert not Employee.objects.filter(
        pk__in=PlannedChange.objects.values("employee"), dismissed_on__gte=TODAY
    )


TODAY = dt.date(2026, 1, 1)


def test_bom_and_decimal_commas_are_borne(onec: Simulated, loaded: Connection) -> None:
    onec.fault("bom", "/agents/")
    assert run_for(loaded, PERSONNEL).state == RunState.DONE


def test_the_gateway_loads_the_same_people(onec: Simulated) -> None:
    run = run_for(make_onec(onec, dialect="gateway"), PERSONNEL)
    assert run.state == RunState.DONE, str(run.reason)
    assert run.counts["created"] + run.counts["refused"] == run.counts["people"]
    assert Employee.objects.exists()


def test_a_wrong_dialect_is_said_in_words(onec: Simulated) -> None:
    connection = make_onec(onec, dialect="gateway")
    connection.base_url = f"{onec.url}/zup/hs/wfm"
    connection.save()
    run = run_for(connection, PERSONNEL)
    assert (run.state, run.failure) == (RunState.FAILED, FailureClass.CONFIGURATION)
    assert "zup" in str(run.reason)
