"""What a contact centre sends of itself: statuses, one message at a time."""

from __future__ import annotations

from typing import Any

import structlog

from apps.integrations.services.centre.doors import Caller, Refusal, door_for
from apps.integrations.wire.centre.online import read_change
from apps.monitoring.services import intake
from apps.monitoring.services.intake import Transport

log = structlog.get_logger(__name__)


def take_status(message: dict[str, Any], caller: Caller) -> Refusal | None:
    """Keep a status message and make history of it; gives why it is not taken, else nothing.

    Raises `FieldError` with the member that cannot be read.
    """
    change = read_change(message)
    door = door_for(str(message.get("systemId") or ""), caller)
    if isinstance(door, Refusal):
        log.warning("status_refused", reason=door.value, address=caller.address)
        return door
    received = intake.accept_changes(door, [change], transport=Transport.PUSH)
    for problem in received.refused:
        log.warning("status_not_kept", connection=door, field=problem.field, reason=str(problem.reason))
    return None
