"""A small real world to call every address in: people of each role, and something behind each address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.accounts.models import ApiKey, User
from apps.accounts.policies import SCOPES
from apps.accounts.services.api_keys import issue_key
from apps.core.phrases import Phrase
from apps.demand.choices import CorrectionAction
from apps.demand.models import HistoryCorrection, ImportBatch, SpecialDay
from apps.forecasts.models import ForecastVersion
from apps.integrations.choices import ArgusState, ArgusTable, OperationState
from apps.integrations.models import ArgusImport, Operation, WebhookEndpoint
from apps.integrations.services.webhooks import create_endpoint
from apps.jobs.models import Job
from apps.organization.models import Position
from apps.staffing.models import RequirementVersion
from benchmarks.pages_data import make_month
from tests.factories import make_skill, make_user
from tests.factories.integrations import make_connection
from tests.journeys.onec_examples import make_plan
from tests.journeys.onec_sent_examples import make_sends

if TYPE_CHECKING:
    from apps.organization.models import Employee
    from apps.schedules.models import Shift
    from benchmarks.pages_data import MonthOfPeople
    from tests.api.endpoints import Endpoint

MONTH = dt.date(2027, 2, 1)
ROLES = ("anonymous", "employee", "supervisor", "planner", "admin", "key", "other_key")
SPAN = {"start": "2027-01-01T00:00Z", "end": "2027-01-03T00:00Z"}
QUERIES: dict[str, dict[str, Any]] = {
    "demand:api-statistics": SPAN,
    "demand:api-history": SPAN,
    "integrations:api-onec-agents": {"connection": "nowhere"},
}
CALLS = {"agents": 10, "load_erl": 8, "aht_s": 240}
INTERVALS = [{"start": f"2025-01-13T09:{minute}", "contacts": 5} for minute in ("00", "15")]
NOTHING: dict[str, Any] = {}
ONEC = {"connection": "onec-example"}  # one of several connections of that system
SENDS = {"integrations:api-onec-facts", "integrations:api-onec-schedules"}
SYNCS = ("employees", "payroll", "schedules", "timecodes")


HOOK: dict[str, Any] = {"name": "Hook", "url": "https://example.com/hook", "events": ["schedule.published"]}


@dataclass
class World:
    """What was made: users by role, the key whose scopes are set for each call, arguments of addresses."""

    users: dict[str, User]
    key: ApiKey
    secret: str
    keyed: dict[str, Any]
    """Values of `pk` by the name of an address, or by the part of it before the colon."""
    common: dict[str, Any] = field(default_factory=dict)
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What is sent where an empty body would be refused before anybody asks who sends it."""

    def address(self, endpoint: Endpoint) -> str:
        """Give the address of something that is really there."""
        names = [part.split(":")[-1] for part in endpoint.route.replace(">", "<").split("<")[1::2]]
        app = endpoint.name.partition(":")[0]
        values = {"pk": self.keyed.get(endpoint.name, self.keyed.get(app))} | self.common
        address = reverse(endpoint.name, kwargs={name: values[name] for name in names})
        return f"{address}?{urlencode(ONEC)}" if endpoint.name in SENDS else address

    def client(self, role: str, endpoint: Endpoint) -> APIClient:
        """Give a client of `role`; `key` lists this endpoint only, `other_key` everything but its area."""
        if role in self.users:
            client = APIClient()
            client.force_login(self.users[role])
            return client
        if role == "anonymous":
            return APIClient()
        own = f"{endpoint.name}:{endpoint.action}"
        others = sorted(set(SCOPES) - {f"{endpoint.area}:{endpoint.action}"})
        ApiKey.objects.filter(pk=self.key.pk).update(scopes=[own] if role == "key" else others)
        return APIClient(headers={"X-API-Key": self.secret})

    def answer(self, role: str, endpoint: Endpoint) -> str:
        """Call it and take back whatever it did; give the status, or `login` for the way to sign-in."""
        if role.endswith("key") and not endpoint.is_api:
            return "-"  # pages know no keys
        with transaction.atomic():
            client = self.client(role, endpoint)
            told = self._call(client, endpoint)
            transaction.set_rollback(True)
        return told

    def _call(self, client: APIClient, endpoint: Endpoint) -> str:
        address, call = self.address(endpoint), getattr(client, endpoint.method.lower())
        body = self.bodies.get(endpoint.name, NOTHING)
        if endpoint.method == "GET":
            answer = call(address, QUERIES.get(endpoint.name, {}))
        elif endpoint.is_api:
            answer = call(address, body, format=_format(endpoint))
        else:
            answer = call(address, body, headers={"HX-Request": "true"})  # refusals come with their status
        for _part in answer if answer.streaming else ():
            pass
        if answer.status_code == HTTPStatus.FOUND and answer["Location"].startswith(settings.LOGIN_URL):
            return "login"
        return str(answer.status_code)


def make_world() -> World:
    """Make it."""
    admin = make_user(Role.ADMIN)
    month = make_month("bank", people=8, month=MONTH, actor=admin)
    me, other = month.employees[0], month.employees[4]  # of the supervisor's department both
    users = {
        "employee": make_user(Role.EMPLOYEE),
        "supervisor": make_user(Role.SUPERVISOR, department=month.departments[0]),
        "planner": make_user(Role.PLANNER),
        "admin": admin,
    }
    me.user = users["employee"]
    me.save()
    issued = issue_key(name="World", scopes=["people:read"], actor=None)
    shift = month.variant.shifts.filter(employee=other).first()
    assert shift is not None
    terms = other.terms.select_related("site").get()
    queue = month.queue
    job = Job.objects.create(kind="forecasts.run", title=Phrase.plain("A forecast"), created_by=admin)
    correction = HistoryCorrection.objects.create(
        queue=queue,
        start=dt.datetime(2027, 1, 4, tzinfo=dt.UTC),
        end=dt.datetime(2027, 1, 5, tzinfo=dt.UTC),
        action=CorrectionAction.RESTORE,
        reason="Tested",
        created_by=admin,
    )
    special = SpecialDay.objects.create(
        name="Sale", first_day=MONTH, last_day=MONTH, coefficient=1, created_by=admin
    )
    forecast, batch = ForecastVersion.objects.get(), ImportBatch.objects.get()
    requirement = RequirementVersion.objects.get()
    keyed = {
        "jobs": job.pk,
        **_argus(),
        **_webhook(admin),
        **_operation(),
        **_people_of_1c(other),
        "forecasts": forecast.pk,
        "staffing": requirement.pk,
        "staffing:adjustment-effect": forecast.pk,
        "staffing:activation-effect": forecast.pk,
        "staffing:derive": forecast.pk,
        "schedules": month.variant.pk,
        "schedules:api-shift-detail": shift.pk,
        "schedules:api-shift-history": shift.pk,
        "demand": batch.pk,
        "demand:correction-undo": correction.pk,
        "demand:special-day-page": special.pk,
        "demand:special-day-delete": special.pk,
        "organization:api-site": terms.site_id,
        "organization:api-department": month.departments[0].pk,
        "organization:api-position": Position.objects.all()[0].pk,
        "organization:api-service": queue.service_id,
        "organization:api-skill": make_skill("english").pk,
        "organization:api-queue": queue.pk,
        "organization:api-employee": other.pk,
        "organization:api-employee-queues": other.pk,
        "organization:api-employee-skills": other.pk,
    }
    common = {"queue_id": queue.pk, "code": queue.code, "group": month.group.code, "month": MONTH}
    make_connection(code=queue.code, username="exchange")  # addresses have one `code` for all
    common |= {"action": "test", "table": "employees", "day": MONTH, "shift": shift.pk}
    common |= {"secret": "of-a-path"}
    return World(users, issued.key, issued.secret, keyed, common, _bodies(month, shift))


def _argus() -> dict[str, int]:
    batch = ArgusImport.objects.create(
        table=ArgusTable.EMPLOYEES, file_name="people.csv", state=ArgusState.APPLIED
    )
    names = ("argus-import-page", "argus-import-undo", "argus-errors-download", "api-argus-import")
    return {f"integrations:{name}": batch.pk for name in (*names, "api-argus-import-errors")}


def _people_of_1c(person: Employee) -> dict[str, int]:
    run = make_plan(person)
    names = ("reconciliation-page", "reconciliation-download", "reconciliation-decide")
    names += ("api-run", "run-page", "run-problems-download")
    sent, fact = make_sends(person)
    of_run = {f"integrations:{name}": sent.pk for name in ("send-run-page", "send-run-download")}
    of_fact = {f"integrations:{name}": fact.pk for name in ("fact-page", "fact-decide", "api-onec-fact")}
    of_run |= {"integrations:api-onec-schedule": sent.pk, "integrations:api-run": sent.pk}
    return {f"integrations:{name}": run.pk for name in names} | of_run | of_fact


def _operation() -> dict[str, int]:
    """One whose outcome is unknown: it may be cancelled, tried again and sent again."""
    target = make_connection(code="queue", name="Queue", system="argus")
    operation = Operation.objects.create(connection=target, kind="tests.any", state=OperationState.UNKNOWN)
    names = ("operation-page", "operation-attempts-download", "api-operation", "api-operation-retry")
    names += ("api-operation-cancel", "api-operation-replay")
    return {f"integrations:{name}": operation.pk for name in names}


def _webhook(admin: User) -> dict[str, int]:
    endpoint, _secret = create_endpoint(name="Hook", url=HOOK["url"], events=HOOK["events"], actor=admin)
    doors = ("api-webhook", "api-webhook-secret", "api-webhook-pause", "api-webhook-resume")
    doors += ("api-webhook-missed", "api-webhook-deliveries")
    pages = ("webhook-page", "webhook-action", "webhook-deliveries-download")
    return {f"integrations:{name}": endpoint.pk for name in doors + pages}


def _bodies(month: MonthOfPeople, shift: Shift) -> dict[str, dict[str, Any]]:
    edit = {"commands": [{"kind": "delete", "shift_id": shift.pk}]}
    unknown = Operation.objects.get(kind="tests.any")
    return {
        **{
            f"integrations:api-operation-{name}": {"reason": "Tested"}
            for name in ("retry", "cancel", "replay")
        },
        "integrations:operations-steer": {"action": "retry", "operation": unknown.pk, "reason": "Tested"},
        "integrations:api-connection-run": {"purpose": "onec.personnel"},
        "integrations:connection-run": {"purpose": "onec.personnel"},
        "integrations:api-webhooks": HOOK,
        "integrations:api-webhook": {"name": "Another"},
        "integrations:api-webhook-missed": {"since": "2027-01-01T00:00:00Z"},
        "integrations:api-webhook-test": {"webhook": WebhookEndpoint.objects.get().pk},
        "integrations:webhooks-page": HOOK,
        "integrations:webhook-page": HOOK,
        **{f"integrations:api-onec-sync-{what}": ONEC for what in SYNCS},
        "integrations:api-onec-schedules": {
            "period_start": "2027-02-01",
            "period_end": "2027-02-28",
            "schedules": [{"employee_id": "a-1", "shifts": []}],
        },
        "integrations:fact-decide": {"decision": "discard", "reason": "Tested"},
        "integrations:api-onec-facts": {
            "agent_id": "a-1",
            "initiator_name": "Test",
            "date_start": "2027-02-03",
            "loginfo": [],
        },
        "integrations:api-argus-historical": {"queue": month.queue.code, "rows": INTERVALS},
        "integrations:api-argus-employees": {"rows": [{"personnel_number": "1", "name": "A"}]},
        "integrations:api-argus-schedules": {
            "variant": month.variant.pk,
            "rows": [{"id": "1", "start": "2027-02-01 09:00", "end": "2027-02-01 18:00"}],
        },
        "staffing:api-erlang-c": CALLS,
        "staffing:api-erlang-a": CALLS | {"patience_s": 60},
        "schedules:api-edits": edit,
        "schedules:api-edits-preview": edit,
        "schedules:api-shift-detail": {"end": (shift.end - dt.timedelta(hours=1)).isoformat()},
        "schedules:api-generate": {"group": month.group.code, "month": f"{MONTH:%Y-%m}"},
        "schedules:publish": {"variant": month.variant.pk},
        "schedules:run-plan": {"time_limit_s": 5, "seed": 0},
        "forecasts:forecast-page": {"start": "2027-02-01", "end": "2027-03-01"},
    }


def _format(endpoint: Endpoint) -> str:
    parsers = [parser.media_type for parser in getattr(endpoint.view, "parser_classes", ())]
    return "json" if not parsers or "application/json" in parsers else "multipart"
