"""What the demo exchanges with the outside systems, step by step, each with a line of what came of it.

Every step is safe to repeat; one that cannot be done says why, and the next ones go on.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.core import clock
from apps.core.errors import ConflictError, DomainError
from apps.demo.services.connecting import connect, ensure_webhook, secret_of
from apps.demo.services.neighbours import CENTRE, HISTORY_DAYS, MCE, ONEC, RECEIVER
from apps.demo.services.summary import summary_path
from apps.integrations.choices import OperationState, RunState
from apps.integrations.errors import ExchangeError
from apps.integrations.models import Connection, Operation, Run
from apps.integrations.services.personnel import decide
from apps.integrations.services.runs import start_run
from apps.integrations.services.webhooks.fanning import send_since, send_test
from apps.jobs.services import mark_seen
from apps.monitoring.selectors.now import current_states
from apps.organization.models import Department, Employee, Queue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from apps.demo.services.neighbours import Neighbour
    from apps.demo.services.summary import Figures

POLL_S = 0.3
READY_WITHIN_S = 30.0
RUN_WITHIN_S = 90.0
SENT_WITHIN_S = 60.0
LISTEN_S = 5.0
MCE_WITHIN_S = 15.0
CALL_S = 10.0
EVENTS_OF_DAYS = 30
BUSY = (OperationState.PENDING, OperationState.PROCESSING)
EVENTS = ("schedule.published", "schedule.changed", "forecast.completed", "sync.failed")
TEAMS = ("retail-msk-2", "retail-msk-3")


class NotDoneError(DomainError):
    """A step did not reach its end in time, or the other system said no."""


class Exchange:
    """Runs the steps as the demo's administrator; `work` is done while it waits, and gives others time."""

    def __init__(
        self,
        say: Callable[[str], None],
        neighbours: Mapping[str, Neighbour],
        *,
        site: str,
        month: dt.date,
        work: Callable[[], None] = lambda: time.sleep(POLL_S),
    ) -> None:
        self.say, self.neighbours, self.site, self.month, self.work = say, neighbours, site, month, work
        self.actor = User.objects.get(username=f"demo-{Role.ADMIN.value}")
        self.connections: dict[str, Connection] = {}
        self.figures: Figures = {}

    def run(self) -> Figures:
        """Do every step and give the figures."""
        begun = time.monotonic()
        steps = {
            "Outside systems": self.meet,
            "Webhooks": self.tell_webhooks,
            "Live states": self.push_states,
            "Personnel of 1C": self.reconcile,
            "Schedule to 1C": self.send_schedule,
            "History of the contact centre": self.pull_history,
            "A change in 1C": self.change_somebody,
            "MCE/Oktell live": self.listen_to_mce,
        }
        for title, step in steps.items():
            try:
                self.say(f"{title}: {step()}")
            except (DomainError, ExchangeError, httpx.HTTPError, OSError) as error:
                self.say(f"{title}: not done ({error})")
                self.figures[f"exchange_not_done_{step.__name__}"] = str(error)
        self.figures["seconds_exchange"] = round(time.monotonic() - begun, 2)
        return self.figures

    def meet(self) -> str:
        """Connect whoever answers."""
        there, away = {}, []
        for code, neighbour in self.neighbours.items():
            try:
                self._wait(partial(_answers, neighbour.url), READY_WITHIN_S, code)
            except NotDoneError:
                away.append(code)
                continue
            there[code] = neighbour
            self.figures[f"address_{code.removeprefix('demo-')}"] = neighbour.url
        self.connections = connect(there, actor=self.actor)
        if away:
            raise NotDoneError(f"{', '.join(away)} do not answer")
        return ", ".join(f"{code} {neighbour.url}" for code, neighbour in there.items())

    def reconcile(self) -> str:
        """Take over the people of 1C, who are ours."""
        counts = self._run(ONEC, "onec.personnel").counts
        self.figures["exchange_people_reconciled"] = counts.get("people", 0)
        return f"{counts.get('people', 0)} people, {counts.get('updated', 0)} changed"

    def send_schedule(self) -> str:
        """Send the published month to 1C and look at what 1C holds of it."""
        connection = self._connection(ONEC)
        counts = self._run(ONEC, "onec.schedules", first=f"{self.month:%Y-%m}", months=1).counts
        self._wait_for_operations(connection)
        failed = Operation.objects.filter(connection=connection, state=OperationState.FAILED).count()
        held = self._ask(ONEC, "/_state")["schedules"]
        self.figures["exchange_schedules_in_1c"] = held
        said = f"{counts.get('queued', 0)} of {counts.get('people', 0)} people sent, 1C holds {held} months"
        return f"{said}, {failed} operations failed" if failed else said

    def tell_webhooks(self) -> str:
        """Deliver what was published to the webhook receiver, and a test."""
        neighbour = self._neighbour(RECEIVER)
        endpoint = ensure_webhook(f"{neighbour.url}/wfm", EVENTS, actor=self.actor)
        self._tell(RECEIVER, "/_secrets", {"secrets": [secret_of(endpoint.connection)], "path": "/wfm"})
        sent = send_since(endpoint.pk, clock.now() - dt.timedelta(days=EVENTS_OF_DAYS), actor=self.actor)
        send_test(endpoint.pk, actor=self.actor)
        self._wait_for_operations(endpoint.connection)
        webhooks = self._ask(RECEIVER, "/_webhooks")
        published = sum(webhook["type"] == "schedule.published" for webhook in webhooks)
        self.figures["exchange_webhooks_delivered"] = len(webhooks)
        return (
            f"{sent} events and a test sent, {len(webhooks)} arrived with a right signature, "
            f"{published} of them schedule.published"
        )

    def pull_history(self) -> str:
        """Ask the contact centre for its groups, agents and the last days."""
        there = self._run(CENTRE, "centre.personnel").counts
        counts = self._run(CENTRE, "centre.history", days=HISTORY_DAYS).counts
        self.figures["exchange_history_intervals"] = counts.get("intervals", 0)
        queues = Queue.objects.filter(code__startswith=f"{CENTRE}-").count()
        return (
            f"{there.get('agents', 0)} agents, {there.get('agents_linked', 0)} newly linked to people; "
            f"{counts.get('intervals', 0)} intervals of {HISTORY_DAYS} days into {queues} queues of its own"
        )

    def push_states(self) -> str:
        """Let the contact centre push what its agents do, and listen a little."""
        self._tell(CENTRE, "/_push_to", {"address": self.site})
        ends = time.monotonic() + LISTEN_S
        while time.monotonic() < ends:
            self.work()
        pushes = self._ask(CENTRE, "/_state")["pushes"]["counts"]
        accepted, refused = pushes.get("200", 0), sum(pushes.values()) - pushes.get("200", 0)
        known = current_states(source=CENTRE).count()
        self.figures |= {"exchange_pushes_accepted": accepted, "exchange_live_agents": known}
        return f"{accepted} pushes taken in {LISTEN_S:.0f} s, {refused} refused; states of {known} agents"

    def listen_to_mce(self) -> str:
        """Wait until the client of MCE/Oktell has read who is there, over its socket."""
        self._connection(MCE)
        known = current_states(source=MCE)
        self._wait(known.exists, MCE_WITHIN_S, "Nothing is known of its agents")
        self.figures["exchange_live_agents_mce"] = known.count()
        sockets = self._ask(MCE, "/_state")["sockets"]
        return f"states of {known.count()} agents, {sockets} socket open"

    def change_somebody(self) -> str:
        """Move an agent to another team in 1C, and find the move here after a reconciliation."""
        agent = (
            Employee.objects.filter(terms__department__code__in=TEAMS, terms__position__is_planned=True)
            .order_by("personnel_number")
            .first()
        )
        if agent is None:
            raise NotDoneError(f"Nobody works in {' or '.join(TEAMS)}.")
        now_in = agent.terms.order_by("-valid_from").values_list("department__code", flat=True)[0]
        target = Department.objects.get(code=next(team for team in TEAMS if team != now_in))
        there = target.external_id or target.code
        self._tell(ONEC, "/_people", {"action": "move", "agentId": agent.external_id, "departmentId": there})
        changed = self._run(ONEC, "onec.personnel").counts.get("updated", 0)
        is_here = agent.terms.filter(department=target, valid_to=None).exists()
        self.figures["exchange_people_changed"] = changed
        said = f"{agent.last_name} {agent.first_name} moved to “{target.name}” there, {changed} changed here"
        if not is_here:
            raise NotDoneError(f"{said}, but not the team")
        return said

    def _run(self, code: str, purpose: str, **options: Any) -> Run:
        """Run a connection for a purpose to its end; a plan that waits for a person is approved."""
        connection = self._connection(code)
        try:
            run = start_run(connection, purpose, actor=self.actor, options=options)
        except ConflictError as conflict:
            if "run_id" not in conflict.extra:
                raise
            run = Run.objects.get(pk=conflict.extra["run_id"])  # of a demo that was broken off
        self._wait(lambda: _state(run) != RunState.RUNNING, RUN_WITHIN_S, f"{purpose} goes on")
        if run.state == RunState.WAITING:
            decide(run.pk, approve=True, actor=self.actor)
            self._wait(lambda: _state(run) != RunState.WAITING, RUN_WITHIN_S, f"{purpose} is not applied")
        mark_seen(self.actor, until=clock.now())
        if run.state != RunState.DONE:
            raise NotDoneError(f"{purpose}: {run.reason or run.state}")
        return run

    def _wait_for_operations(self, connection: Connection) -> None:
        waiting = Operation.objects.filter(connection=connection, state__in=BUSY, failures=0)
        self._wait(lambda: not waiting.exists(), SENT_WITHIN_S, f"{waiting.count()} operations wait")

    def _wait(self, holds: Callable[[], bool], within_s: float, otherwise: str) -> None:
        ends = time.monotonic() + within_s
        while not holds():
            if time.monotonic() > ends:
                raise NotDoneError(f"{otherwise} after {within_s:.0f} s")
            self.work()

    def _connection(self, code: str) -> Connection:
        if code not in self.connections:
            raise NotDoneError(f"{code} is not connected")
        return self.connections[code]

    def _neighbour(self, code: str) -> Neighbour:
        if code not in self.neighbours:
            raise NotDoneError(f"{code} is not played")
        return self.neighbours[code]

    def _ask(self, code: str, path: str) -> Any:
        answer = httpx.get(self._neighbour(code).url + path, timeout=CALL_S, trust_env=False)
        return answer.raise_for_status().json()

    def _tell(self, code: str, path: str, content: object) -> Any:
        url = self._neighbour(code).url + path
        return httpx.post(url, json=content, timeout=CALL_S, trust_env=False).raise_for_status().json()


def keep_figures(figures: Figures) -> None:
    """Add the figures to the demo's summary."""
    path = summary_path()
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    stale = [key for key in kept if key.startswith(("exchange_", "address_"))]
    whole = {key: value for key, value in kept.items() if key not in stale} | figures
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_state", timeout=CALL_S, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _state(run: Run) -> str:
    run.refresh_from_db()
    return run.state
