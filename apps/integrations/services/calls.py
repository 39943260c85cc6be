"""Keeping what goes to other systems and comes back: one row a call, in one insert with what caused them."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from django.db import DatabaseError, InterfaceError, connection, transaction

from apps.integrations.models import Call
from apps.integrations.wire.masking import masked
from apps.integrations.wire.watching import watch_calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apps.integrations.wire.watching import CallMade

LONGEST_PATH = 300
MOST_MS = 2**31 - 1
log = structlog.get_logger(__name__)


@dataclass
class _Belonging:
    """What the calls of this thread are made for, and where they are gathered, if anywhere."""

    operation_id: int | None = None
    run_id: int | None = None
    gathered: list[Call] | None = field(default=None)


_belonging: ContextVar[_Belonging] = ContextVar("calls_belong_to", default=_Belonging())  # noqa: B039 - never changed


@contextmanager
def collecting(*, operation_id: int | None = None, run_id: int | None = None) -> Iterator[list[Call]]:
    """Gather the calls that this thread makes, as rows not yet written; whoever asked keeps them (`keep`)."""
    calls: list[Call] = []
    token = _belonging.set(_Belonging(operation_id, run_id, calls))
    try:
        yield calls
    finally:
        _belonging.reset(token)


@contextmanager
def belonging(*, operation_id: int | None = None, run_id: int | None = None) -> Iterator[None]:
    """Write the calls that this thread makes at once, as those of an operation or run."""
    token = _belonging.set(_Belonging(operation_id, run_id))
    try:
        yield
    finally:
        _belonging.reset(token)


def keep(calls: Sequence[Call]) -> None:
    """Write calls in one statement."""
    if calls:
        Call.objects.bulk_create(calls)


def row_of(made: CallMade, *, operation_id: int | None = None, run_id: int | None = None) -> Call:
    """Give the row of a call: bodies masked and cut."""
    return Call(
        connection_id=made.connection_id,
        endpoint=made.endpoint[:64],
        method=made.method[:8],
        path=made.path[:LONGEST_PATH],
        session_id=made.session_id,
        request_id=made.request_id,
        operation_id=operation_id,
        run_id=run_id,
        began_at=made.began_at,
        duration_ms=min(round(made.duration_s * 1000), MOST_MS),
        status=made.status,
        failure=made.failure,
        reason=made.reason,
        request_bytes=made.request_bytes,
        answer_bytes=made.answer_bytes,
        request=masked(made.request),
        answer=masked(made.answer),
    )


@watch_calls
def _note(made: CallMade) -> None:
    belongs = _belonging.get()
    row = row_of(made, operation_id=belongs.operation_id, run_id=belongs.run_id)
    if belongs.gathered is not None:
        belongs.gathered.append(row)
        return
    try:
        with transaction.atomic():  # in a caller's transaction: a savepoint, which its failure does not touch
            keep([row])
    except (
        DatabaseError,
        InterfaceError,
    ) as error:  # the call itself was made, and its caller needs the answer
        if not connection.in_atomic_block:
            connection.close()
        log.warning(
            "call_not_kept", endpoint=made.endpoint, request_id=str(made.request_id), error=str(error)
        )
