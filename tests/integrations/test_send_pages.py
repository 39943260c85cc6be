"""What people see of their sends to 1C, what they start, and what they decide."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import translation
from python_calamine import CalamineWorkbook

from apps.integrations.models import FactSend, Operation, Run
from apps.integrations.selectors.send_results import result_of
from apps.integrations.services.fact_sends import send_facts
from apps.integrations.services.schedule_sends import notice_change, request_schedules
from apps.integrations.types import WorkedTime
from apps.jobs.models import Job
from apps.jobs.services import run_now
from apps.workcalendar.services.kinds import load_kinds
from tests.factories import make_absence, make_employee, make_site, make_user
from tests.integrations.draining import drain
from tests.integrations.onec_people import make_agent, make_onec, publish
from tests.integrations.simulated import Simulated, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.test import Client

pytestmark = pytest.mark.django_db
TODAY = "2026-09-12"
SEPTEMBER = dt.date(2026, 9, 1)
PAGE = "/integrations/1c/schedules/"
FACTS = "/integrations/1c/facts/"


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


@pytest.fixture
def planner(client: Client) -> Client:
    client.force_login(make_user("planner"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def sheet_of(client: Client, address: str) -> list[tuple[Any, ...]]:
    book = CalamineWorkbook.from_filelike(BytesIO(client.get(address).content))
    return [tuple(row) for row in book.get_sheet_by_index(0).to_python(skip_empty_area=False)]


def test_people_by_months_with_what_1c_said(onec: Simulated, planner: Client) -> None:
    connection = make_onec(onec)
    fine, refused, changed, unasked = (
        make_agent(onec, f"a-{number}", last_name=name)
        for number, name in enumerate(("Орлов", "Петров", "Сидоров", "Котов"))
    )
    onec.post("/_refusals", {"agentId": "a-1", "message": "Нет договора"})
    for person in (fine, refused, changed, unasked):
        publish(person, "2026-09-15 09:00")
    asked = [fine.pk, refused.pk, changed.pk]
    request_schedules(connection, first=SEPTEMBER, last=SEPTEMBER, employee_ids=asked, actor=None)
    drain()
    notice_change(SEPTEMBER, [changed.pk])
    page = text_of(planner, PAGE)
    assert "Нет договора" in page
    assert "8 h" in page
    assert "Changed since it was sent" in page
    assert "Котов" in page
    only = text_of(planner, f"{PAGE}?state=refused")
    assert "Петров" in only
    assert "Орлов" not in only
    assert "Котов" in text_of(planner, f"{PAGE}?state=missing")
    assert "Nobody fits" in text_of(planner, f"{PAGE}?name=нет")
    rows = sheet_of(planner, f"{PAGE}download/?state=refused")
    assert [row[4] for row in rows if row[2] == "2026-09"] == ["Нет договора"]


def test_the_page_takes_as_many_queries_for_more_people(
    onec: Simulated, planner: Client, django_assert_max_num_queries: Any
) -> None:
    connection = make_onec(onec)
    for number in range(12):
        publish(make_employee(external_id=f"many-{number}"), "2026-09-15 09:00", "2026-10-15 09:00")
    request_schedules(connection, first=SEPTEMBER, last=dt.date(2026, 11, 1), actor=None)
    with django_assert_max_num_queries(16):
        text_of(planner, PAGE)


def test_sending_is_started_on_the_page_and_its_result_is_read_by_person(
    onec: Simulated, planner: Client
) -> None:
    make_onec(onec)
    person = make_agent(onec, "a-1")
    publish(person, "2026-09-15 09:00")
    publish(make_agent(None, "stranger"), "2026-09-15 09:00")
    answer = planner.post(f"{PAGE}send/", {"what": "changed", "month": "2026-09"})
    run = Run.objects.get()
    assert answer.headers["Location"] == f"{PAGE}runs/{run.pk}/"
    run_now(Job.objects.get(pk=run.job_id))
    assert "still on their way" in text_of(planner, f"{PAGE}runs/{run.pk}/")
    drain()
    run.refresh_from_db()
    assert result_of(run).counts == {"sent": 1, "refused": 1}
    page = text_of(planner, f"{PAGE}runs/{run.pk}/?outcome=refused")
    assert "не найден" in page
    assert str(person) not in page
    assert len(sheet_of(planner, f"{PAGE}runs/{run.pk}/download/")) >= 3


def test_chosen_people_are_sent_again(onec: Simulated, planner: Client) -> None:
    connection = make_onec(onec)
    people = [make_agent(onec, f"a-{number}") for number in range(2)]
    for person in people:
        publish(person, "2026-09-15 09:00")
    request_schedules(connection, first=SEPTEMBER, last=SEPTEMBER, actor=None)
    drain()
    planner.post(f"{PAGE}send/", {"what": "chosen", "month": "2026-09", "employee": [people[1].pk]})
    run_now(Job.objects.get())
    drain()
    assert [entry["agent_id"] for entry in onec.ledger("schedule_repeated")] == ["a-1"]


def test_what_did_not_go_through_is_sent_again(onec: Simulated, planner: Client) -> None:
    connection = make_onec(onec)
    for number in range(2):
        publish(make_agent(onec, f"a-{number}"), "2026-09-15 09:00")
    onec.fault("status", "sendSchedule", status=404, times=1)
    request_schedules(connection, first=SEPTEMBER, last=SEPTEMBER, actor=None)
    drain()
    assert "Not sent" in text_of(planner, PAGE)
    planner.post(f"{PAGE}send/", {"what": "repeat", "month": "2026-09"})
    run_now(Job.objects.get())
    assert Operation.objects.filter(state="pending").count() == 1
    drain()
    assert len(onec.ledger("schedule_created")) == 2


def test_nobody_chosen_and_past_months_are_told(onec: Simulated, planner: Client) -> None:
    make_onec(onec)
    assert (
        "Nobody was chosen" in planner.post(f"{PAGE}send/", {"what": "chosen"}, follow=True).content.decode()
    )
    planner.post(f"{PAGE}send/", {"what": "changed", "month": "2026-01"})
    job = run_now(Job.objects.get())
    assert "past periods" in str(job.reason)


def test_who_may_not_see_is_refused(client: Client) -> None:
    make_onec()
    client.force_login(make_user("employee"))
    for page in (PAGE, FACTS, "/integrations/1c/vacations/"):
        assert client.get(page).status_code == 403
        assert client.get(f"{page}download/").status_code == 403
    assert client.post(f"{PAGE}send/", {"what": "changed"}).status_code in {302, 403}
    assert not Run.objects.exists()


def test_without_a_connection_the_page_says_so(planner: Client) -> None:
    assert "No connection to 1C yet" in text_of(planner, PAGE)


def test_a_fact_that_nobody_knows_of_is_decided_on_its_page(onec: Simulated, planner: Client) -> None:
    connection = make_onec(onec)
    person = make_agent(onec, "a-1", last_name="Иванов")
    start = dt.datetime(2026, 9, 10, 6, tzinfo=dt.UTC)
    worked = WorkedTime(person.pk, start.date(), ((start, start + dt.timedelta(hours=8)),))
    (fact,) = send_facts(connection, [worked], initiator="Петрова", actor=None)
    onec.fault("cut", "sendFactWorkTime", times=1, effect=False)
    drain()
    assert "Outcome unknown" in text_of(planner, f"{FACTS}?state=decide")
    page = text_of(planner, f"{FACTS}{fact.pk}/")
    assert "РВ 8" in page
    assert "09:00" in page
    answer = planner.post(
        f"{FACTS}{fact.pk}/decide/", {"decision": "again", "reason": "Нет в 1С"}, follow=True
    )
    assert "Your decision is kept" in answer.content.decode()
    drain()
    fact.refresh_from_db()
    assert (fact.state, fact.document) == ("sent", "Weekend Work")
    assert "Weekend Work" in text_of(planner, FACTS)
    assert sheet_of(planner, f"{FACTS}download/")[-1][6] == "Weekend Work"
    again = planner.post(f"{FACTS}{fact.pk}/decide/", {"decision": "done", "reason": "x"}, follow=True)
    assert "takes no document back" in again.content.decode()
    assert FactSend.objects.get().decision == "Нет в 1С"


def test_vacations_leave_as_the_file_that_1c_takes(planner: Client, tmp_path: Path) -> None:
    load_kinds()
    person = make_employee(last_name="=1+1", first_name="Анна", middle_name="")
    far = make_employee(last_name="Якут", site=make_site(time_zone="Asia/Yakutsk"))
    make_absence(person, dt.date(2026, 7, 1), dt.date(2026, 7, 14))
    make_absence(person, dt.date(2026, 8, 3), dt.date(2026, 8, 4), kind="sick")
    make_absence(far, dt.date(2026, 12, 31), dt.date(2027, 1, 13), zone="Asia/Yakutsk")
    make_absence(far, dt.date(2027, 2, 1), dt.date(2027, 2, 2), zone="Asia/Yakutsk")
    rows = sheet_of(planner, "/integrations/1c/vacations/download/?year=2026")
    told = [row for row in rows if "Основной" in row]
    days = [(row[2], row[3]) for row in told]
    assert days == [
        (dt.date(2026, 7, 1), dt.date(2026, 7, 14)),
        (dt.date(2026, 12, 31), dt.date(2027, 1, 13)),
    ]
    assert [row for row in rows if row[:4] == ("ФИО", "Вид отпуска", "Дата начала", "Дата окончания")]
    assert "Якут" in text_of(planner, "/integrations/1c/vacations/?year=2026")
    file = tmp_path / "vacations.csv"
    call_command("export_vacations", "--year", "2026", "--out", str(file))
    assert "\n=1+1" not in file.read_text(encoding="utf-8-sig")
