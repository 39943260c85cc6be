"""Which live connections there are, and a session for each: begun, ended and begun anew as they change."""

from __future__ import annotations

import datetime as dt
from dataclasses import astuple

import structlog

from apps.core import clock
from apps.core.errors import DomainError
from apps.integrations.choices import System
from apps.integrations.errors import ExchangeError
from apps.integrations.models import Connection
from apps.integrations.services.access import access_to
from apps.integrations.services.mce.session import LEASE, Session
from apps.monitoring.services import intake
from apps.monitoring.services.intake import FeedState, Transport

JOIN_S = 10.0
log = structlog.get_logger(__name__)


class Sessions:
    """The sessions of one process; of several processes one has each connection."""

    def __init__(self) -> None:
        self._sessions: dict[int, Session] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def keep_up(self) -> None:
        """Begin what is new, end what is gone, and put new ones in place of those that changed or died."""
        wanted = {}
        connections = Connection.objects.filter(system=System.MCE, is_active=True)
        for connection in connections.prefetch_related("credentials"):
            try:
                wanted[connection.pk] = access_to(connection)
            except (ExchangeError, DomainError) as error:
                log.warning("mce_connection_unusable", connection=connection.code, reason=str(error))
        for pk, session in list(self._sessions.items()):
            if not session.is_alive() or pk not in wanted or astuple(wanted[pk]) != astuple(session.access):
                self._end(pk)
        for pk, access in wanted.items():
            if pk not in self._sessions and self._take(access.code):
                self._sessions[pk] = Session(access)
                self._sessions[pk].start()
                log.info("mce_session_begun", connection=access.code)

    def end_all(self) -> None:
        """End every session and wait for them."""
        for session in self._sessions.values():
            session.stop()
        for pk in list(self._sessions):
            self._end(pk)

    def _take(self, code: str) -> bool:
        until = clock.now() + dt.timedelta(seconds=LEASE.total_seconds())
        return intake.take_turn(code, transport=Transport.SOCKET, until=until)

    def _end(self, pk: int) -> None:
        session = self._sessions.pop(pk)
        session.stop()
        session.join(JOIN_S)
        intake.set_feed_state(session.access.code, transport=Transport.SOCKET, state=FeedState.DOWN)
        log.info("mce_session_ended", connection=session.access.code)
