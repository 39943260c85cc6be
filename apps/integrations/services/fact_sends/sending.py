"""Send a fact to 1C, once; and find out what became of one whose answer was not read."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy, gettext_noop

from apps.core import clock
from apps.core.locks import lock_rows
from apps.core.phrases import Phrase
from apps.integrations.choices import Dialect, FactState
from apps.integrations.errors import (
    ExchangeError,
    NotDoneError,
    PoisonError,
    RefusedError,
    TemporaryError,
    UnclearError,
)
from apps.integrations.models import FactSend
from apps.integrations.registry import operation_handler
from apps.integrations.selectors.agents import agent_ids
from apps.integrations.selectors.fact_sends import planned_ms
from apps.integrations.services.access import access_of
from apps.integrations.services.fact_sends.asking import KIND
from apps.integrations.services.timetypes import fetch
from apps.integrations.types import Done
from apps.integrations.wire.onec.facts import Finding, judge, send_fact, slices
from apps.integrations.wire.onec.split import Hours

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from apps.integrations.types import OperationInHand
    from apps.integrations.wire.onec.facts import FactVerdict, Stretch

REFUSED = gettext_noop("1C refused the worked time.")
WITHOUT_ID = gettext_noop("This person has no id of 1C any more.")
MAY_HAVE_LEFT = gettext_noop("It may have been sent before: decide about it on the page of worked time.")
NEVER_LEFT = gettext_noop("It had not begun to leave.")
CANNOT_ASK = gettext_noop("This 1C cannot be asked what it holds: somebody has to look there.")
NOT_SHOWN = gettext_noop(
    "1C does not show it. If that stays so, somebody has to decide whether to send it again."
)
CANNOT_TELL = gettext_noop("What 1C shows for the day (%(codes)s) does not tell whether it arrived.")
NOTHING = "-"


class NotShownError(TemporaryError):
    """1C is well and shows nothing of the fact, so far."""

    counts = False


class UndecidedError(UnclearError):
    """1C is well, and does not tell; a person has to decide."""

    counts = False


def settle_fact(operation: OperationInHand) -> Done:
    """Compare what 1C shows for the day with what the fact would have made of it.

    It is done when 1C shows its codes, and surely not done when it never began to leave. Else it stays
    unknown for a person: 1C may be late by more than we wait, and nothing takes a second document back.
    """
    fact = FactSend.objects.get(pk=operation.payload["fact"])
    if fact.state != FactState.WAITING:
        return Done({"outcome": fact.state})
    if fact.begun_at is None:
        raise NotDoneError(Phrase(NEVER_LEFT))
    access = access_of(operation.connection_id)
    if access.dialect == Dialect.GATEWAY:
        raise UndecidedError(Phrase(CANNOT_ASK))
    agent_id = agent_ids(operation.connection_id, [fact.employee_id]).get(fact.employee_id, "")
    day = (fact.shift_date, fact.shift_date)
    people = fetch(access, day, [agent_id], session_id=operation.session_id)
    shown = None
    if agent_id in people:
        rows = [row for row in people[agent_id].days if row.date == fact.shift_date]
        shown = {row.code: row.seconds * 1000 for row in rows}
    finding = judge(planned_ms(fact), Hours(fact.day_ms, fact.night_ms), shown)
    if finding is Finding.DONE:
        return Done({"outcome": "found", "codes": shown}, store=_storing(fact.pk, document="", message=""))
    if finding is Finding.NOT_DONE:
        raise NotShownError(Phrase(NOT_SHOWN))
    codes = ", ".join(f"{code} {length_ms / 3_600_000:g}" for code, length_ms in (shown or {}).items())
    raise UndecidedError(Phrase(CANNOT_TELL, {"codes": codes or NOTHING}))


@operation_handler(KIND, label=gettext_lazy("Worked time to 1C"), repeatable=False, settle=settle_fact)
def send(operation: OperationInHand) -> Done:
    """Send the fact of the payload unless it was sent, may have been, or is not wanted any more.

    Before anything leaves it is noted that it begins: whatever becomes of this process, nobody sends it a
    second time but by a person's decision. Raises the `ExchangeError` family.
    """
    access = access_of(operation.connection_id)
    fact = _begin(operation)
    if fact is None:
        return Done({"outcome": "not wanted any more"})
    agent_id = agent_ids(operation.connection_id, [fact.employee_id]).get(fact.employee_id)
    try:
        if agent_id is None:
            raise RefusedError(Phrase(WITHOUT_ID), sent=False)
        verdict = send_fact(
            access,
            agent_id,
            fact.initiator_name,
            fact.shift_date,
            slices(_periods(fact), ZoneInfo(fact.time_zone)),
            session_id=operation.session_id,
            request_id=operation.request_id,
        )
    except ExchangeError as error:
        if not error.sent or not isinstance(error, TemporaryError | UnclearError | PoisonError):
            _as_begun(fact).update(begun_at=None)  # it surely had no effect
        raise
    if not verdict.is_taken:
        _keep_refusal(fact, verdict)
        raise RefusedError(Phrase(REFUSED), detail=verdict.message)
    return Done(
        {"outcome": "sent", "document": verdict.document},
        store=_storing(fact.pk, document=verdict.document, message=verdict.message),
    )


@transaction.atomic
def _begin(operation: OperationInHand) -> FactSend | None:
    """Note that the fact begins to leave, and give it; None when it is not to be sent."""
    (fact,) = lock_rows(FactSend.objects.filter(pk=operation.payload["fact"]))
    if fact.state != FactState.WAITING:
        return None
    if fact.begun_at is not None:
        raise UndecidedError(Phrase(MAY_HAVE_LEFT))
    fact.begun_at = clock.now()
    fact.save(update_fields=["begun_at"])
    return fact


def _as_begun(fact: FactSend) -> QuerySet[FactSend]:
    """Give the fact unless somebody decided to send it again meanwhile and that began."""
    return FactSend.objects.filter(pk=fact.pk, begun_at=fact.begun_at)


def _keep_refusal(fact: FactSend, verdict: FactVerdict) -> None:
    _as_begun(fact).update(state=FactState.REFUSED, message=verdict.message, begun_at=None)


def _storing(fact_id: int, *, document: str, message: str) -> Callable[[], None]:
    def store() -> None:
        FactSend.objects.filter(pk=fact_id, state=FactState.WAITING).update(
            state=FactState.SENT,
            document=document[:100],
            message=message,
            reason=Phrase(),
            sent_at=clock.now(),
        )

    return store


def _periods(fact: FactSend) -> list[Stretch]:
    return [(dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end)) for start, end in fact.periods]
