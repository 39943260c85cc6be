"""A row of everything, and the address of every page: found by walking the URLconf and the admin's registry.

A page whose address needs more than its name has its example in `_places`; what is no page is in `NO_PAGE`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver, reverse
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from apps.accounts.models import ApiKey
from apps.audit.services import record
from apps.core import clock
from apps.core.models import OutboxDelivery, OutboxEvent
from apps.core.phrases import Phrase
from apps.demand.choices import ImportState
from apps.demand.models import ImportBatch, ImportRowError, SpecialDay
from apps.demand.services.correcting import correct_history
from apps.demand.types import InstantSpan
from apps.forecasts.selectors import active_versions
from apps.forecasts.services.adjusting import adjust_forecast
from apps.forecasts.types import Adjustment
from apps.integrations.choices import ArgusState, ArgusTable, FailureClass, OperationState, RunState
from apps.integrations.models import (
    ArgusImport,
    ArgusRefusal,
    Attempt,
    Call,
    ConnectionHealth,
    Operation,
    Run,
    RunSchedule,
)
from apps.integrations.services.access import set_secret
from apps.integrations.services.breaker import MOST_FAILURES, report
from apps.integrations.services.call_figures import sum_up
from apps.integrations.services.schedules import set_next
from apps.integrations.services.testing import request_test
from apps.integrations.services.webhooks import create_endpoint, send_test
from apps.integrations.services.webhooks.delivering import ANSWERED
from apps.integrations.wire.statuses import EMPTY
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.monitoring.services import intake
from apps.monitoring.types import QueueLoad, StateSpan
from apps.schedules.services import editing
from apps.schedules.services.reference import load_default_rules
from apps.schedules.types import ResizeShift
from apps.staffing.choices import Coefficient
from apps.staffing.models import CoefficientSpan
from apps.workcalendar.choices import DayKind
from apps.workcalendar.models import CalendarDay, CalendarOverride, ProductionCalendar
from apps.workcalendar.services.kinds import load_kinds
from benchmarks.pages_data import make_month
from tests.factories import (
    make_absence,
    make_calendar,
    make_department,
    make_deputy,
    make_import_batch,
    make_limit,
    make_opening_hours,
    make_queue,
    make_skill,
    make_target,
    make_user,
    make_work_rule,
)
from tests.factories.integrations import make_connection
from tests.journeys.onec_examples import make_plan, make_received
from tests.journeys.onec_sent_examples import make_sends

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

    from apps.accounts.models import User
    from benchmarks.pages_data import MonthOfPeople

MONTH = dt.date(2027, 2, 1)
EMPTY_MONTH = "2027-05"
EVER = (dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
ADMIN = "admin"
NO_PAGE = {
    # parts of a page and figures of a chart
    "demand:history-data",
    "demand:outliers-data",
    "forecasts:compare-data",
    "forecasts:forecast-data",
    "forecasts:proposals",
    "integrations:health-part",
    "jobs:bell",
    "jobs:progress",
    "reports:coverage",
    "reports:coverage-data",
    "schedules:edit",
    "schedules:requirement-data",
    "schedules:shift-history",
    "schedules:stages",
    "staffing:activation-effect",
    "staffing:adjustment-effect",
    # answers for machines
    "core:health",
    "core:live",
    "core:metrics",
    "core:ready",
    "core:styleguide-data",
}
FILES = ("-download", "-file", "-template")
"""How names end that answer with a file."""
DOORS = {"admin", "api"}
"""The first parts of addresses that are walked otherwise: the registry here, the API by its own table."""


@dataclass(frozen=True)
class Examples:
    """Who looks, and addresses by the name of the page."""

    administrator: User
    employee: User
    addresses: dict[str, list[str]]


def make_examples(people: int = 9) -> Examples:
    """Fill the database with at least one row of every model that has a page."""
    load_kinds()
    load_default_rules()
    make_calendar("ru", (2026, 2027))
    administrator = make_user("admin", username=ADMIN, is_staff=True, is_superuser=True, first_name="Анна")
    made = make_month("bank", people=people, month=MONTH, actor=administrator)
    make_month("today", people=people, month=clock.now().date().replace(day=1), actor=administrator)
    made.employees[0].user = administrator
    made.employees[0].save(update_fields=["user"])
    made.variant.reasons = [{"kind": "nobody", "queue": "bank"}]
    made.variant.save(update_fields=["reasons"])
    ApiKey.objects.create(
        user=administrator, name="Example", prefix="wfm_abc", secret_sha256="0" * 64, scopes=["people:read"]
    )
    _master_data(made)
    _contact_centre()
    _edit(made, administrator)
    batch = _import(made)
    job = _jobs(administrator)
    make_queue(code="empty", name="Empty")
    employee = make_user("employee", username="employee")
    record(action="site.change", obj=made.employees[0], actor=administrator, before={"a": 1}, after={"a": 2})
    return Examples(administrator, employee, _places(made, batch, job))


def _places(made: MonthOfPeople, batch: ImportBatch, job: Job) -> dict[str, list[str]]:
    """Give the addresses of the pages that need an argument, by name; of those with states, one for each."""
    group, month, queue = made.group.code, f"{made.month:%Y-%m}", made.queue.code
    full, bare = f"/planning/{group}/{month}", f"/planning/{group}/{EMPTY_MONTH}"
    return {
        "schedules:overview-page": [f"{full}/", f"{bare}/"],
        "schedules:requirement-page": [f"{full}/requirement/", f"{bare}/requirement/"],
        "schedules:month-page": [f"{full}/schedule/", f"{bare}/schedule/"],
        "schedules:day-page": [f"{full}/schedule/{month}-03/"],
        "schedules:edits-page": [f"{full}/schedule/edits/"],
        "schedules:my-page": [f"/my-schedule/?month={month}", "/my-schedule/?month=2027-05"],
        "demand:history-page": [f"/queues/{queue}/history/", "/queues/empty/history/"],
        "demand:import-page": [f"/history-imports/{batch.pk}/"],
        "forecasts:forecast-page": [f"/queues/{queue}/forecast/", "/queues/empty/forecast/"],
        **_desk(made),
        **_argus(made),
        **_webhook(),
        **_operations(),
        **_people_of_1c(made),
        **_connections(),
        "jobs:detail-page": [f"/jobs/{job.pk}/"],
    }


def _operations() -> dict[str, list[str]]:
    """Operations that wait, failed, are done, and one whose outcome is unknown, with their attempts."""
    target = make_connection(code="queue", name="1С:ЗУП", is_active=False)
    pages = []
    for state in OperationState.values:
        facts: dict[str, Any] = {"state": state, "key": f"2026-11 {state}", "attempt": 2, "priority": 2}
        if state in {OperationState.FAILED, OperationState.UNKNOWN}:
            facts |= {"failure": FailureClass.RETRY, "reason": Phrase(ANSWERED, {"status": 503})}
            facts |= {"detail": "Сервис недоступен", "failures": 1}
        row = Operation.objects.create(
            connection=target, kind="onec.send_schedule", payload={"employees": [7]}, **facts
        )
        for number, settling in ((1, False), (2, state == OperationState.UNKNOWN)):
            Attempt.objects.create(
                operation=row,
                number=number,
                is_settling=settling,
                outcome="done" if state == OperationState.COMPLETED else "retry",
                ended_at=clock.now(),
                status=503,
                request='{"agentId": "7", "period1": "2026-11-01"}',
                answer="<html>503</html>",
                node="wfm-1:4711",
            )
        pages.append(f"/integrations/operations/{row.pk}/")
    lists = ["/integrations/operations/", "/integrations/operations/?state=failed&priority=5"]
    return {"integrations:operation-page": pages, "integrations:operations-page": lists}


def _connections() -> dict[str, list[str]]:
    """A connection that is down, with calls, a schedule, a credential, a test and a run that failed."""
    target = make_connection(code="zup", name="1С:ЗУП завода", dialect="zup", username="exchange")
    set_secret(target, "password", "secret", actor=None)
    schedule = RunSchedule(
        connection=target, purpose="onec.month", recurrence="monthly", weekday=5, nth=-1, at=dt.time(1, 30)
    )
    set_next(schedule)
    schedule.save()
    run = Run.objects.create(
        connection=target,
        purpose="onec.personnel",
        state=RunState.FAILED,
        failure=FailureClass.RETRY,
        reason=Phrase(EMPTY),
        counts={"people": 120, "refused": 1},
        problems=[{"subject": "10-000", "field": "rate", "reason": "Не число: «половина»"}],
        ended_at=clock.now(),
    )
    Call.objects.create(
        connection=target,
        endpoint="agents",
        method="GET",
        path="/zup/hs/wfm/agents/2026-11-01/2026-11-30",
        session_id=run.session_id,
        request_id=run.session_id,
        run_id=run.pk,
        status=200,
        failure=FailureClass.RETRY,
        reason=Phrase(EMPTY),
        duration_ms=31,
        answer='[{"agentId": "7", "lastname": "***"}]',
        answer_bytes=40,
    )
    sum_up()
    ConnectionHealth.objects.create(
        connection=target, is_well=False, failure=FailureClass.RETRY, reason=Phrase(EMPTY)
    )
    for _time in range(MOST_FAILURES):
        report(target.pk, well=False)
    test = request_test(target, actor=None)
    findings = [[True, "Настройки полны."], [False, "Ответ пуст."]]
    Job.objects.filter(pk=test.pk).update(state=JobState.SUCCEEDED, result={"findings": findings})
    return {
        "integrations:connection-page": [
            "/integrations/connections/zup/",
            "/integrations/connections/zup/?failed",
        ],
        "integrations:run-page": [f"/integrations/runs/{run.pk}/"],
    }


def _webhook() -> dict[str, list[str]]:
    """A webhook with a delivery that waits and one that failed."""
    endpoint, _secret = create_endpoint(
        name="BI", url="https://example.com/hook", events=["schedule.published"], actor=None
    )
    for state in (OperationState.PENDING, OperationState.FAILED):
        operation = send_test(endpoint.pk, actor=None)
        facts = {"state": state, "attempt": 2, "failures": 2, "reason": Phrase(ANSWERED, {"status": 500})}
        Operation.objects.filter(pk=operation.pk).update(**facts)
    page = f"/integrations/webhooks/{endpoint.pk}/"
    return {"integrations:webhook-page": [page, f"{page}?state=failed"]}


def _argus(made: MonthOfPeople) -> dict[str, list[str]]:
    """Import shifts, one of them wrong, and give the pages that show it."""
    batch = ArgusImport.objects.create(
        table=ArgusTable.SCHEDULES,
        file_name="shifts.xlsx",
        state=ArgusState.APPLIED,
        target={"variant_id": made.variant.pk},
        details={"format": "xlsx", "sheet": "Смены", "unknown": ["Цвет"], "edits": []},
        rows_read=3,
        rows_loaded=2,
        rows_refused=1,
    )
    reason = Phrase("Not planned in this variant.")
    ArgusRefusal.objects.create(batch=batch, line=4, column="A: ФИО", reason=reason, value="Никто")
    tables = ("intervals", *ArgusTable.values)
    return {
        "integrations:argus-page": [f"/integrations/argus/?table={table}" for table in tables],
        "integrations:argus-import-page": [f"/integrations/argus/imports/{batch.pk}/"],
    }


def _people_of_1c(made: MonthOfPeople) -> dict[str, list[str]]:
    person = made.employees[0]
    make_received(person)
    page = f"/integrations/runs/{make_plan(person).pk}/people/"
    run, fact = make_sends(person)
    return {
        "integrations:reconciliation-page": [page, f"{page}?action=balance"],
        "integrations:sends-page": [
            "/integrations/1c/schedules/?month=2027-02",
            "/integrations/1c/schedules/?name=-",
        ],
        "integrations:send-run-page": [f"/integrations/1c/schedules/runs/{run.pk}/"],
        "integrations:fact-page": [f"/integrations/1c/facts/{fact.pk}/"],
    }


def _desk(made: MonthOfPeople) -> dict[str, list[str]]:
    """Correct and adjust something, and give the pages that show it."""
    queue = made.queue
    version = active_versions(queue.pk, *EVER)[0]
    change = Adjustment(version.start, version.start + dt.timedelta(days=7), "calls", "multiply", 1.2)
    adjusted = adjust_forecast(
        version_id=version.pk, adjustments=[change], reason="A campaign", actor=None, activate=True
    )
    start = version.start - dt.timedelta(days=10)
    span = InstantSpan(start, start + dt.timedelta(hours=10))
    correct_history(queue_id=queue.pk, spans=[span], action="exclude", reason="A broken counter", actor=None)
    day = SpecialDay.objects.create(name="Sale", first_day=MONTH, last_day=MONTH, coefficient="1.25")
    history = f"/queues/{queue.code}/history/outliers/"
    return {
        "demand:outliers-page": [
            f"{history}?level=inner",
            "/queues/empty/history/outliers/",
        ],
        "demand:special-day-page": [f"/special-days/{day.pk}/"],
        "forecasts:adjust-page": [f"/forecasts/{adjusted.pk}/adjust/"],
        "forecasts:activate-page": [f"/forecasts/{version.pk}/activate/"],
        "forecasts:roll-back-page": [f"/forecasts/{adjusted.pk}/roll-back/"],
        "forecasts:compare-page": [f"/queues/{queue.code}/forecast/compare/"],
    }


def pages(examples: Examples) -> list[str]:
    """Give the address of every page outside the admin; refuse when one has no example."""
    found: list[str] = []
    missing: list[str] = []
    for name, route, view in _routes(get_resolver().url_patterns):
        first = route.split("/", 1)[0]
        if first in DOORS or name in NO_PAGE or name.endswith(FILES) or not _reads(view):
            continue
        known = examples.addresses.get(name) or ([] if "<" in route else [f"/{route}"])
        found += known
        if not known:
            missing.append(f"{name} ({route})")
    assert not missing, f"No example in tests/journeys/examples.py for: {', '.join(missing)}"
    return list(dict.fromkeys(found))


def _routes(patterns: list[Any], names: str = "", route: str = "") -> Iterator[tuple[str, str, Any]]:
    for pattern in patterns:
        place = route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield f"{names}{pattern.name}", place, pattern.callback
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _routes(pattern.url_patterns, names + inner, place)


def _reads(view: Any) -> bool:
    """Tell whether a view answers GET; a function is taken to."""
    of_class = getattr(view, "view_class", None)
    return of_class is None or (hasattr(of_class, "get") and "get" in of_class.http_method_names)


def admin_pages(examples: Examples) -> list[str]:
    """Give list, form and blank form of every registered model; history and deletion of one where they are.

    A model of which there is no row has no form to look at, so it is refused.
    """
    request = RequestFactory().get("/admin/")
    request.user = examples.administrator
    found = ["/admin/", "/admin/password_change/"]
    for model, model_admin in admin.site._registry.items():
        found += _model_pages(model, model_admin, request)
    employee = examples.administrator.employee.pk
    found += [f"/admin/organization/employee/{employee}/{page}/" for page in ("history", "delete")]
    found += [f"/admin/accounts/user/{examples.administrator.pk}/password/", "/admin/organization/"]
    return found


def _model_pages(model: type[Model], model_admin: Any, request: Any) -> Iterator[str]:
    label = f"{model._meta.app_label}_{model._meta.model_name}"
    yield reverse(f"admin:{label}_changelist")
    row = model_admin.get_queryset(request).order_by("pk").first()
    assert row is not None, f"No row of {label} in tests/journeys/examples.py"
    yield reverse(f"admin:{label}_change", args=[row.pk])
    if model_admin.has_add_permission(request):
        yield reverse(f"admin:{label}_add")


def _contact_centre() -> None:
    """A source with an agent, a group and a status that nobody has given a meaning."""
    spans = [StateSpan("1001", "4_1", "Перерыв_Отдых", clock.now() - dt.timedelta(hours=1), None)]
    intake.receive_spans("centre", spans)
    loads = [QueueLoad("101", "1", 3, 12)]
    intake.receive_loads("centre", loads, at=clock.now(), transport=intake.Transport.POLL)


def _master_data(made: MonthOfPeople) -> None:
    person, other = made.employees[:2]
    department = make_department(made.departments[0], name="Second line")
    make_deputy(department, other, MONTH, MONTH + dt.timedelta(days=3))
    make_limit(person, "no_night")
    make_skill("english", person)
    make_opening_hours(made.queue, 8 * 60, 20 * 60, range(7))
    target = make_target(made.queue)
    make_work_rule(other)
    make_absence(other, dt.date(2027, 4, 5), dt.date(2027, 4, 9))
    start = dt.datetime(2027, 2, 1, tzinfo=dt.UTC)
    CoefficientSpan.objects.create(
        queue=target.queue, kind=Coefficient.RESERVE, start=start, end=start + dt.timedelta(days=1), value=1
    )
    CalendarOverride.objects.create(
        calendar=ProductionCalendar.objects.get(), date=MONTH, kind=DayKind.OFF, note="Moved"
    )
    CalendarDay.objects.create(
        calendar=ProductionCalendar.objects.get(), date=dt.date(2027, 2, 23), kind=DayKind.HOLIDAY
    )
    _periodic()
    event = OutboxEvent.objects.create(
        type="schedule.published", aggregate="variant", aggregate_id="1", data={}
    )
    OutboxDelivery.objects.create(event=event, receiver="example")


def _periodic() -> None:
    every, _made = IntervalSchedule.objects.get_or_create(every=5, period="minutes")
    CrontabSchedule.objects.get_or_create(minute="0")
    ClockedSchedule.objects.create(clocked_time=clock.now())
    SolarSchedule.objects.create(event="sunrise", latitude=55, longitude=37)
    PeriodicTask.objects.create(name="Example", task="core.sweep", interval=every)


def _edit(made: MonthOfPeople, administrator: User) -> None:
    """Shorten a shift of somebody whose clock is not that of the group."""
    person = next(row for row in made.variant.people.all() if row.time_zone != made.group.time_zone)
    shift = made.variant.shifts.filter(employee=person.employee_id).order_by("start")[1]
    later = shift.start + dt.timedelta(hours=1)
    editing.apply(
        variant_id=made.variant.pk,
        commands=[ResizeShift(shift.pk, later, shift.end)],
        actor=administrator,
    )


def _import(made: MonthOfPeople) -> ImportBatch:
    batch = make_import_batch(made.queue, state=ImportState.CHECKED, rows_refused=1)
    reason = Phrase.plain("not a number")
    ImportRowError.objects.create(batch=batch, line=7, column="calls", reason=reason, value="x")
    return batch


def _jobs(administrator: User) -> Job:
    """Make a job that runs, one that failed and one that is done; give the running one."""
    common: dict[str, Any] = {"kind": "schedules.optimise", "queue": "optimise", "created_by": administrator}
    title = "Schedule of %(group)s for %(month)s"
    done, failed, running = (
        Phrase(title, {"group": group, "month": "02.2027"}) for group in ("retail", "cards", "bank")
    )
    Job.objects.create(title=done, state=JobState.SUCCEEDED, progress=1, **common)
    reason = Phrase("The planning group %(group)s has no queue.", {"group": "cards"})
    Job.objects.create(title=failed, state=JobState.FAILED, reason=reason, **common)
    facts = {"stage": Phrase("improving"), "log": ["one line"], "result": {"variant": 1}}
    return Job.objects.create(title=running, state=JobState.RUNNING, progress=0.4, **facts, **common)
