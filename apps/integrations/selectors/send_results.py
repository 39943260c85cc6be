"""What became of a run that sent schedules, person by person."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from apps.core.phrases import Phrase
from apps.integrations.choices import FailureClass, OperationState
from apps.integrations.models import Operation
from apps.integrations.selectors.agents import agent_ids
from apps.organization.models import Employee

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.integrations.models import Run

WAITING, REFUSED, FAILED, CANCELLED = "waiting", "refused", "failed", "cancelled"
TAKEN = frozenset({"sent", "unchanged"})
LABELS = {
    WAITING: _("Waiting to be sent"),
    "sent": _("Sent to 1C"),
    "unchanged": _("1C holds it already"),
    REFUSED: _("Refused"),
    FAILED: _("Not sent"),
    CANCELLED: _("Cancelled"),
    "held": _("1C holds an earlier month"),
    "empty": _("Nothing to send"),
}
WORST_FIRST = (FAILED, REFUSED, "held", CANCELLED, WAITING, "sent", "unchanged", "empty")
BY_STATE = {
    OperationState.PENDING: WAITING,
    OperationState.PROCESSING: WAITING,
    OperationState.CANCELLED: CANCELLED,
    OperationState.COMPLETED: "sent",
}
FACTS = ("pk", "state", "failure", "reason", "detail", "payload__employees", "result__people")


@dataclass
class PersonResult:
    """What became of one person's months: the worst of them, and what was said, word for word."""

    employee_id: int
    outcome: str = ""
    messages: list[str] = field(default_factory=list)
    operations: list[int] = field(default_factory=list)
    name: str = ""
    personnel_number: str = ""
    agent_id: str = ""

    @property
    def label(self) -> str:
        return str(LABELS[self.outcome])

    @property
    def message(self) -> str:
        return " ".join(self.messages)

    @property
    def is_taken(self) -> bool | None:
        """Tell whether 1C holds what was to be sent; None while that is open."""
        return None if self.outcome == WAITING else self.outcome in TAKEN


@dataclass(frozen=True)
class RunResult:
    """The people of a run with what became of them, by name, and how many of each outcome."""

    people: list[PersonResult]
    counts: Counter[str]


def result_of(run: Run) -> RunResult:
    """Give what became of a run so far; four queries."""
    found: dict[int, PersonResult] = {}
    rows = Operation.objects.filter(run=run).order_by("pk").values_list(*FACTS)
    for key, employee_id, outcome, message in _told(rows):
        person = found.setdefault(employee_id, PersonResult(employee_id))
        if not person.outcome or WORST_FIRST.index(outcome) < WORST_FIRST.index(person.outcome):
            person.outcome = outcome
        if message and message not in person.messages:
            person.messages.append(message)
        if key not in person.operations:
            person.operations.append(key)
    _name(found, run.connection_id)
    people = sorted(found.values(), key=lambda person: (person.name, person.employee_id))
    return RunResult(people, Counter(person.outcome for person in people))


def _told(rows: Iterable[Any]) -> Iterable[tuple[int, int, str, str]]:
    """Give operation, person, outcome and message of everything that was told or is still to be."""
    for key, state, failure, reason, detail, employees, told in rows:
        if state == OperationState.COMPLETED and told is not None:
            yield from ((key, one["employee"], one["outcome"], one["message"]) for one in told)
            continue
        outcome = REFUSED if failure == FailureClass.REFUSED else BY_STATE.get(state, FAILED)
        message = "" if outcome in {WAITING, CANCELLED} else detail or str(reason or Phrase())
        yield from ((key, employee_id, outcome, message) for employee_id in employees or ())


def _name(found: dict[int, PersonResult], connection_id: int) -> None:
    agents = agent_ids(connection_id, list(found))
    names: defaultdict[int, tuple[str, str]] = defaultdict(lambda: ("", ""))
    for person in Employee.objects.filter(pk__in=list(found)):
        names[person.pk] = (str(person), person.personnel_number)
    for key, result in found.items():
        result.name, result.personnel_number = names[key]
        result.agent_id = agents.get(key, "")
