"""One live connection: socket and list of agents take over from each other, so that nothing is missed.

The list is asked for before a socket is opened and again once it is open, before its first frame is worked:
what changed in between is in the list, what changes later is on the socket. When the socket ends or falls
silent, the list is asked for at once and then in the connection's period, until a socket is open again;
after a silence, until something is heard on it: it may be as mute as the one before.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import TYPE_CHECKING, TypeVar

import structlog
from django.db import close_old_connections, connection

from apps.core import clock
from apps.core.outlasting import DATABASE_AWAY
from apps.integrations.errors import AuthenticationError, ExchangeError
from apps.integrations.services.breaker import report
from apps.integrations.wire.mce.frames import read_frames
from apps.integrations.wire.mce.listing import ask_agents
from apps.integrations.wire.mce.socket import SilentError, StatusSocket
from apps.integrations.wire.mce.tokens import Tokens
from apps.monitoring.services import intake
from apps.monitoring.services.intake import FeedState, Transport

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.integrations.types import Access

ResultT = TypeVar("ResultT")
POLL_S = 5.0
LONGEST_POLL_S = 60.0
TICK_S = 1.0
TOKEN_AGAIN_S = 10.0
PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)  # between tries to open a socket that lasts
LASTING_S = 5.0  # a socket that ends sooner is no better than one that does not open
LEASE = dt.timedelta(seconds=20)
LEASE_RENEWED_S = 5.0
log = structlog.get_logger(__name__)


class Session(threading.Thread):
    """Works one connection until it is told to stop."""

    def __init__(self, access: Access) -> None:
        super().__init__(name=f"mce-{access.code}", daemon=True)
        self.access = access
        self._tokens = Tokens(access)
        self._stopping = threading.Event()
        self._leased_at = 0.0
        self._renew_token_at = 0.0
        self._token_in_use = ""
        self._is_doubted = False  # the last socket fell silent, and nothing was heard on another one yet
        self._poll_s = _period_s(access)

    def stop(self) -> None:
        """Ask it to end; `join` to wait for that."""
        self._stopping.set()

    def run(self) -> None:
        """Go on until told to stop; a fault of ours ends the thread, and another one takes its place."""
        try:
            failures = 0
            while not self._stopping.is_set():
                self._renew_lease()
                self._ask()
                if failures:
                    self._poll_for(PAUSES_S[min(failures, len(PAUSES_S)) - 1])
                socket = self._open()
                failures = 0 if socket is not None and self._lasts(socket) else failures + 1
        finally:
            self._outlasting(self._give_up_lease)
            connection.close()

    def _lasts(self, socket: StatusSocket) -> bool:
        """Work the frames of a socket until it ends; tells whether it lasted."""
        began = time.monotonic()
        try:
            if not self._ask():  # a socket of which the beginning is unknown is no better than none
                return False
            if not self._is_doubted:
                self._note(FeedState.LIVE)
            self._listen(socket)
        finally:
            socket.close()
        return time.monotonic() - began >= LASTING_S

    def _listen(self, socket: StatusSocket) -> None:
        asked_at = time.monotonic()
        try:
            while not self._stopping.is_set():
                texts = socket.burst(min(TICK_S, self._poll_s))
                self._work(texts)
                if self._is_doubted and texts:
                    self._is_doubted = False
                    self._note(FeedState.LIVE)
                elif self._is_doubted and time.monotonic() - asked_at >= self._poll_s:
                    asked_at = time.monotonic()
                    self._ask()
                self._renew_lease()
                self._renew_token()
        except SilentError as error:
            self._is_doubted = True
            log.warning("mce_socket_lost", connection=self.access.code, reason=str(error.reason))
        except AuthenticationError as error:
            self._tokens.refused(self._token_in_use)
            log.info("mce_socket_expired", connection=self.access.code, reason=str(error.reason))
        except ExchangeError as error:
            log.warning("mce_socket_lost", connection=self.access.code, reason=str(error.reason))

    def _renew_token(self) -> None:
        """Renew the token in time for the next socket; when that fails, the open one goes on."""
        if not self._tokens.is_due() or time.monotonic() < self._renew_token_at:
            return
        try:
            self._tokens.current()
        except ExchangeError as error:
            self._renew_token_at = time.monotonic() + TOKEN_AGAIN_S
            log.warning("mce_token_not_renewed", connection=self.access.code, reason=str(error.reason))

    def _open(self) -> StatusSocket | None:
        try:
            self._token_in_use = self._tokens.current()
            try:
                return StatusSocket(self.access, self._token_in_use)
            except AuthenticationError:
                self._tokens.refused(self._token_in_use)
                self._token_in_use = self._tokens.current()
                return StatusSocket(self.access, self._token_in_use)
        except ExchangeError as error:
            log.warning("mce_socket_not_opened", connection=self.access.code, reason=str(error.reason))
            return None

    def _poll_for(self, seconds: float) -> None:
        """Ask for the list in its period until it is time to try the socket again."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._stopping.wait(min(left, self._poll_s)):
            self._renew_lease()
            if until - time.monotonic() > 0:
                self._ask()

    def _ask(self) -> bool:
        """Take the list of agents as it is now."""
        asked_at = clock.now()
        try:
            told = ask_agents(self._tokens)
        except ExchangeError as error:
            well = not error.counts
            self._outlasting(lambda: report(self.access.connection_id, well=well))
            self._note(FeedState.DOWN)
            log.warning("mce_list_failed", connection=self.access.code, reason=str(error.reason))
            return False
        self._outlasting(
            lambda: intake.receive_present(
                self.access.code, told.rows, asked_at=asked_at, transport=Transport.POLL
            )
        )
        self._outlasting(lambda: report(self.access.connection_id, well=True))
        self._note(FeedState.FALLBACK)
        for problem in told.problems[:1]:
            log.warning("mce_row_refused", connection=self.access.code, field=problem.field)
        return True

    def _work(self, texts: list[str | bytes]) -> None:
        if not texts:
            return
        frames = read_frames(texts)
        code = self.access.code
        if frames.changes:
            self._outlasting(lambda: intake.receive_changes(code, frames.changes, transport=Transport.SOCKET))
        else:
            self._outlasting(lambda: intake.heard(code, transport=Transport.SOCKET))
        told = frames.time
        if told is not None:
            heard_at = clock.now()
            self._outlasting(lambda: intake.receive_clock(code, told, heard_at))
        if frames.unread:
            log.warning(
                "mce_frames_unread", connection=code, count=len(frames.unread), reason=frames.unread[0]
            )

    def _note(self, state: FeedState) -> None:
        self._outlasting(
            lambda: intake.set_feed_state(self.access.code, transport=Transport.SOCKET, state=state)
        )

    def _renew_lease(self) -> None:
        if time.monotonic() - self._leased_at < LEASE_RENEWED_S:
            return
        self._leased_at = time.monotonic()
        next_at = clock.now() + LEASE
        self._outlasting(
            lambda: intake.end_turn(self.access.code, transport=Transport.SOCKET, next_at=next_at)
        )

    def _give_up_lease(self) -> None:
        intake.end_turn(self.access.code, transport=Transport.SOCKET, next_at=clock.now())

    def _outlasting(self, write: Callable[[], ResultT]) -> ResultT | None:
        """Write, again and again while the database is away: frames wait in the socket meanwhile."""
        while True:
            close_old_connections()
            try:
                return write()
            except DATABASE_AWAY:
                connection.close()
                if self._stopping.wait(TICK_S):
                    return None


def _period_s(access: Access) -> float:
    """Give the period of asking; one that cannot be is not taken, for a wrong option stops no session."""
    chosen = access.options.get("poll_s")
    if isinstance(chosen, bool) or not isinstance(chosen, int | float) or not 0 < chosen <= LONGEST_POLL_S:
        return POLL_S
    return float(chosen)
