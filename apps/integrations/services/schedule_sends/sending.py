"""Send people's months to 1C as they are published at this moment; the handler of the queue."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy, gettext_noop

from apps.core import clock
from apps.core.phrases import Phrase
from apps.integrations.choices import Dialect, SendState
from apps.integrations.errors import RefusedError
from apps.integrations.registry import operation_handler
from apps.integrations.selectors.agents import agent_ids
from apps.integrations.selectors.month_contents import (
    MonthContent,
    Peer,
    clock_shift_of_row,
    content_of,
    hours_of_row,
    last_day,
    month_contents,
    months_between,
)
from apps.integrations.services.access import access_of
from apps.integrations.services.schedule_sends.asking import PAST, sort_out
from apps.integrations.services.schedule_sends.holding import holding
from apps.integrations.services.schedule_sends.keeping import (
    keep_stopped,
    keep_unchanged,
    keep_verdicts,
    known_sends,
)
from apps.integrations.services.schedule_sends.queueing import KIND, runs_of
from apps.integrations.types import Done
from apps.integrations.wire.onec import sends

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from apps.integrations.types import Access, OperationInHand

    Place = tuple[int, dt.date]

REFUSED = gettext_noop("1C refused the schedule.")


@dataclass
class _Sending:
    """One attempt: what is sent, and what is told of each person in the end."""

    access: Access
    operation: OperationInHand
    built_at: dt.datetime
    contents: dict[Place, MonthContent]
    told: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0

    @property
    def request_id(self) -> UUID | None:
        """The id that the queue gave the attempt, for its first call; later ones make their own."""
        self.calls += 1
        return self.operation.request_id if self.calls == 1 else None

    def tell(self, place: Place, outcome: str, message: str = "") -> None:
        employee_id, month = place
        self.told.append(
            {"employee": employee_id, "month": f"{month:%Y-%m}", "outcome": outcome, "message": message}
        )


@operation_handler(KIND, label=gettext_lazy("Schedule to 1C"))
def send_schedule(operation: OperationInHand) -> Done:
    """Send what 1C does not hold yet of the people's months from the current one on.

    Each call is noted as soon as it is answered, so a repetition sends only the rest. Raises `RefusedError`
    with what 1C said when it refuses a single person, `DeferError` while another send holds one of them.
    """
    access = access_of(operation.connection_id)
    peer = Peer.of(access)
    employee_ids = [int(key) for key in operation.payload["employees"]]
    period = [dt.date.fromisoformat(operation.payload[name]) for name in ("first", "last")]
    months = [month for month in months_between(*period) if month >= peer.current_month]
    if not months:
        raise RefusedError(Phrase(PAST), sent=False)
    with holding(operation.connection_id, employee_ids):
        built_at = clock.now()
        contents = _contents(peer, operation.payload, employee_ids, months)
        sending = _Sending(access, operation, built_at, contents)
        wanted = _sort(sending, employee_ids, months)
        if peer.dialect == Dialect.GATEWAY:
            _send_batch(sending, wanted)
        else:
            _send_person(sending, wanted)
    return Done({"people": sending.told, **Counter(line["outcome"] for line in sending.told)})


def _contents(
    peer: Peer, payload: Mapping[str, Any], employee_ids: Sequence[int], months: Sequence[dt.date]
) -> dict[Place, MonthContent]:
    """Give what is published now, or what another system told us to send."""
    if "given" not in payload:
        return month_contents(peer, employee_ids, months)
    agents = agent_ids(peer.connection_id, employee_ids)
    given = (
        (employee_id, dt.date.fromisoformat(month), rows) for employee_id, month, rows in payload["given"]
    )
    return {
        (employee_id, month): content_of(peer.dialect, agents.get(employee_id, ""), rows)
        for employee_id, month, rows in given
        if month in months
    }


def _sort(sending: _Sending, employee_ids: Sequence[int], months: Sequence[dt.date]) -> list[Place]:
    """Note what is not sent and why, and give the rest."""
    connection_id = sending.operation.connection_id
    known = known_sends(connection_id, employee_ids, months)
    again = bool(sending.operation.payload.get("again"))
    found = sort_out(sending.contents, known, again=again)
    for row in found.unchanged:
        sending.tell((row.employee_id, row.month), "unchanged")
    for place, (state, reason) in found.stopped.items():
        sending.tell(place, state, str(reason))
    with transaction.atomic():
        keep_unchanged(found.unchanged, sending.built_at)
        keep_stopped(connection_id, found.stopped)
    return found.wanted


def _send_person(sending: _Sending, wanted: Sequence[Place]) -> None:
    """Send the months of one person, those that follow each other in one call.

    When 1C refuses several months in one, each is tried by itself: what is wrong with one stops no other.
    """
    refused = ""
    for months in runs_of(sorted(month for _employee_id, month in wanted)):
        places = [(wanted[0][0], month) for month in months]
        verdict = _call_for_person(sending, places)
        parts = {tuple(places): verdict}
        if not verdict.is_taken and len(places) > 1:
            parts = {(place,): _call_for_person(sending, [place]) for place in places}
        for part, own in parts.items():
            _keep(sending, dict.fromkeys(part, own))
            refused = refused if own.is_taken else own.message or str(Phrase(REFUSED))
    if refused:
        raise RefusedError(Phrase(REFUSED), detail=refused)


def _call_for_person(sending: _Sending, places: Sequence[Place]) -> sends.Verdict:
    return sends.send_schedule(
        sending.access,
        sending.contents[places[0]].agent_id,
        (places[0][1], last_day(places[-1][1])),
        dict(hours_of_row(row) for place in places for row in sending.contents[place].rows),
        session_id=sending.operation.session_id,
        request_id=sending.request_id,
    )


def _send_batch(sending: _Sending, wanted: Sequence[Place]) -> None:
    """Send a month of many people in one call; whom the gateway refuses is noted with what it said."""
    if not wanted:
        return
    month = wanted[0][1]
    places = {sending.contents[place].agent_id: place for place in wanted}
    verdicts = sends.send_schedules(
        sending.access,
        (month, last_day(month)),
        {
            agent_id: [clock_shift_of_row(row) for row in sending.contents[place].rows]
            for agent_id, place in places.items()
        },
        session_id=sending.operation.session_id,
        request_id=sending.request_id,
    )
    _keep(sending, {place: verdicts[agent_id] for agent_id, place in places.items()})


def _keep(sending: _Sending, verdicts: dict[Place, sends.Verdict]) -> None:
    with transaction.atomic():
        keep_verdicts(sending.operation.connection_id, verdicts, sending.contents, sending.built_at)
    for place, verdict in verdicts.items():
        state = SendState.SENT if verdict.is_taken else SendState.REFUSED
        sending.tell(place, state, verdict.message)
