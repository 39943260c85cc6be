"""Asking centres for their present, each in its own period, whoever of the workers does it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog

from apps.core import clock
from apps.core.errors import DomainError
from apps.integrations.choices import System
from apps.integrations.errors import ExchangeError
from apps.integrations.models import Connection
from apps.integrations.services.access import access_of
from apps.integrations.services.breaker import admit, report
from apps.integrations.services.centre.options import centre_options
from apps.integrations.wire.centre.asking import ask_loads, ask_present
from apps.monitoring.models import QueueLink
from apps.monitoring.selectors import next_turns
from apps.monitoring.services import intake
from apps.monitoring.services.intake import FeedState, Transport

if TYPE_CHECKING:
    from apps.integrations.services.centre.options import CentreOptions
    from apps.integrations.types import Access
    from apps.monitoring.types import Problem

POLL_TASK = "integrations.poll_centre"
CALLS = 3  # of one turn at most, each within the connection's time-out
log = structlog.get_logger(__name__)


def due_connections() -> list[int]:
    """Give the active centres whose turn has come."""
    centres = Connection.objects.filter(system=System.CONTACT_CENTRE, is_active=True)
    polled = {one.code: one.pk for one in centres.only("code", "options") if _period_s(one) > 0}
    turns, now = next_turns(polled, Transport.POLL), clock.now()
    return [pk for code, pk in polled.items() if code not in turns or turns[code] <= now]


def _period_s(connection: Connection) -> int:
    try:
        return centre_options(connection.options).poll_s
    except DomainError as refusal:
        log.warning("centre_options_refused", connection=connection.code, reason=refusal.message)
        return 0


def poll(connection_id: int) -> bool:
    """Ask one centre for its present, unless somebody else does so just now; tells whether it answered."""
    access = access_of(connection_id)
    options = centre_options(access.options)
    began = clock.now()
    until = began + dt.timedelta(seconds=max(CALLS * access.timeout_s, options.poll_s))
    if not intake.take_turn(access.code, transport=Transport.POLL, until=until):
        return False
    next_at = began + dt.timedelta(seconds=options.poll_s)
    try:
        if (later := admit(connection_id)) is not None:
            next_at = later
            return False
        return _ask(access, options)
    finally:
        intake.end_turn(access.code, transport=Transport.POLL, next_at=next_at)


def _ask(access: Access, options: CentreOptions) -> bool:
    try:
        if "states" in options.polls:
            _poll_states(access)
        if "loads" in options.polls:
            _poll_loads(access)
    except ExchangeError as error:
        report(access.connection_id, well=not error.counts)
        intake.set_feed_state(access.code, transport=Transport.POLL, state=FeedState.DOWN)
        log.warning(
            "centre_poll_failed", connection=access.code, failure=error.failure, reason=str(error.reason)
        )
        return False
    report(access.connection_id, well=True)
    intake.set_feed_state(access.code, transport=Transport.POLL, state=FeedState.LIVE)
    return True


def _poll_states(access: Access) -> None:
    asked_at = clock.now()
    told = ask_present(access, session_id=uuid4())
    if told.clocks is not None:
        intake.receive_date(access.code, *told.clocks)
    received = intake.receive_present(access.code, told.rows, asked_at=asked_at, transport=Transport.POLL)
    _tell(access, [*told.problems, *received.refused])


def _poll_loads(access: Access) -> None:
    groups = list(
        QueueLink.objects.filter(source__code=access.code, is_listed=True).values_list(
            "external_id", flat=True
        )
    )
    asked_at = clock.now()
    told = ask_loads(access, groups, session_id=uuid4())
    received = intake.receive_loads(access.code, told.rows, at=asked_at, transport=Transport.POLL)
    _tell(access, [*told.problems, *received.refused])


def _tell(access: Access, problems: list[Problem]) -> None:
    if problems:
        first = problems[0]
        log.warning(
            "centre_rows_refused",
            connection=access.code,
            count=len(problems),
            field=first.field,
            reason=str(first.reason),
        )
