"""What a centre says of now: lists, loads, and the messages that it sends of itself."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.wire.centre.rows import (
    LONGEST_NAME,
    Told,
    count,
    count_or_nothing,
    id_or_nothing,
    identity,
    ms,
    needed_instant,
)
from apps.integrations.wire.onec.fields import FieldError, Row
from apps.monitoring.types import PresentState, QueueLoad, StateChange

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_ACTION = gettext_noop("It is 1 for entering and 0 for leaving.")
FIRST_S, LAST_S = 631_152_000, 4_102_444_800  # 1990 and 2100


def read_present(data: Any) -> Told[PresentState]:
    """Read online/agentStatus."""
    told: Told[PresentState] = Told()
    for row in told.objects(data, "answer", "answer"):
        told.take(_subject(row, "agentId"), lambda row=row: _present(row))  # type: ignore[misc]
    return told


def _present(row: Row) -> PresentState:
    return PresentState(
        identity(row, "agentId"),
        identity(row, "stateCode"),
        row.text("stateName")[:LONGEST_NAME],
        needed_instant(row, "startDate"),
    )


def read_loads(data: Any) -> Told[QueueLoad]:
    """Read online/groupsOnlineLoad."""
    told: Told[QueueLoad] = Told()
    for row in told.objects(data, "answer", "answer"):
        told.take(_subject(row, "groupId"), lambda row=row: _load(row))  # type: ignore[misc]
    return told


def _load(row: Row) -> QueueLoad:
    acd = row.number("acd", least=0, most=100)
    return QueueLoad(
        group=identity(row, "groupId"),
        service=id_or_nothing(row, "serviceId"),
        waiting=count(row, "callNumber"),
        operators=count(row, "operatorNumber"),
        received=count_or_nothing(row, "callReceived"),
        answered=count_or_nothing(row, "callAnswered"),
        answered_in_target=count_or_nothing(row, "callAnsweredTst"),
        in_progress=count_or_nothing(row, "callProcessing"),
        aht_ms=ms(row, "aht"),
        wait_ms=ms(row, "awt"),
        acd_percent=None if acd is None else float(acd),
    )


def read_change(message: Mapping[str, Any]) -> StateChange:
    """Read a status message: one for entering a status, one for leaving it.

    Raises `FieldError` with the member that cannot be read.
    """
    row = Row(message)
    action = row.whole("action", least=0, most=1, required=True)
    if action is None:
        raise FieldError("action", Phrase(NO_ACTION))
    second = row.number("actionTime", least=FIRST_S, most=LAST_S, required=True)
    return StateChange(
        agent=identity(row, "workerId"),
        code=identity(row, "stateCode"),
        name=row.text("stateName")[:LONGEST_NAME],
        at=dt.datetime.fromtimestamp(float(second or 0), dt.UTC),
        entered=bool(action),
        payload=dict(message),
    )


def _subject(row: Row, name: str) -> str:
    return str(row.raw(name))[:LONGEST_NAME]
