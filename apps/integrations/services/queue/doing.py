"""One attempt of one operation, in a thread of the worker and outside any transaction."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING

import structlog
from django.db import connection

from apps.core.errors import DomainError
from apps.integrations.crash import crash_point
from apps.integrations.errors import DeferError, ExchangeError
from apps.integrations.registry import find_operation_kind
from apps.integrations.services.access import at_hand
from apps.integrations.services.calls import collecting
from apps.integrations.services.queue.beating import make_sure
from apps.integrations.services.queue.catching import Catching
from apps.integrations.services.queue.judging import judge, nobody_does, well_done
from apps.integrations.services.queue.texts import as_json
from apps.integrations.types import Done
from apps.integrations.wire.permits import sending_while

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.integrations.registry import OperationHandler, OperationKind
    from apps.integrations.services.queue.claiming import Claimed
    from apps.integrations.services.queue.judging import Verdict
    from apps.integrations.types import Access

EXPECTED = (ExchangeError, DomainError, DeferError)
log = structlog.get_logger(__name__)


def attempt(claimed: Claimed, accesses: Mapping[int, Access]) -> Verdict:
    """Do a claimed operation, or ask for its outcome, and give what follows; nothing is written yet.

    `accesses` are those of connections that were read together.
    """
    kind = find_operation_kind(claimed.in_hand.kind)
    if kind is None:
        return nobody_does(claimed)
    done, result = Done(), "{}"
    with (
        at_hand(accesses),
        collecting(operation_id=claimed.operation_id, run_id=claimed.in_hand.run_id) as calls,
        sending_while(partial(make_sure, claimed)),
        Catching() as caught,
    ):
        done = _handler(kind, claimed)(claimed.in_hand)
        result = as_json(done.result)
    crash_point("before_commit")
    if caught.error is None:
        verdict = well_done(claimed, done, result=result)
    else:
        verdict = judge_fault(claimed, kind, caught.error)
    return dataclasses.replace(verdict, calls=tuple(calls))


def judge_fault(claimed: Claimed, kind: OperationKind, error: Exception) -> Verdict:
    """Say what follows from `error`, and log it when nobody foresaw it."""
    if not isinstance(error, EXPECTED):
        log.error(
            "operation_broke",
            operation=claimed.operation_id,
            kind=claimed.in_hand.kind,
            attempt=claimed.attempt,
            exc_info=error,
        )
    if connection.errors_occurred and not connection.in_atomic_block:
        connection.close()  # the next one takes a new one
    return judge(claimed, kind, error)


def _handler(kind: OperationKind, claimed: Claimed) -> OperationHandler:
    return kind.settle if claimed.settling and kind.settle is not None else kind.handler
