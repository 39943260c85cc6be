"""The socket of statuses: opened with the token, read in bursts, its end told apart."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx
from django.utils.translation import gettext_noop
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import connect

from apps.core.phrases import Phrase
from apps.integrations.errors import AuthenticationError, ConfigurationError, TemporaryError
from apps.integrations.wire.tls import tls_context

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

    from apps.integrations.types import Access

SOCKET_PATH = "/ws/agent-status"
EXPIRED = 4401
OPEN_S = 5.0
MOST_FRAMES = 500
LOST_AFTER_S = 65.0
MOST_FRAME_BYTES = 1_000_000
REFUSED = gettext_noop("The socket refuses the token (%(status)s).")
NOT_THERE = gettext_noop("There is no socket at %(address)s (%(status)s).")
NOT_OPENED = gettext_noop("The socket cannot be opened.")
CLOSED = gettext_noop("The socket was closed (%(code)s).")
SILENT = gettext_noop("Nothing was heard on the socket for %(seconds)s s.")
_REFUSALS = (401, 403)
_GONE = (404, 405, 410)


class TokenEndedError(AuthenticationError):
    """The other end closed the socket because its token has expired."""


class SilentError(TemporaryError):
    """Nothing was heard for too long: the socket may be open at this end only."""


class StatusSocket:
    """An open socket; `close` it. Nothing heard for 65 s counts as lost, as does its closing."""

    def __init__(self, access: Access, token: str) -> None:
        address = str(httpx.URL(f"{access.base_url.rstrip('/')}{SOCKET_PATH}"))
        self._open = ExitStack()
        url = "ws" + address.removeprefix("http")
        context = tls_context(str(access.options.get("ca_file") or "")) if url.startswith("wss:") else None
        try:
            self._socket: ClientConnection = self._open.enter_context(
                connect(
                    url,
                    additional_headers={"Authorization": f"Bearer {token}"},
                    ssl=context,
                    proxy=None,
                    open_timeout=min(OPEN_S, access.timeout_s),
                    close_timeout=1,
                    ping_interval=None,  # the heartbeats are the other end's; not every server answers pings
                    max_size=MOST_FRAME_BYTES,
                )
            )
        except InvalidStatus as error:
            status = error.response.status_code
            if status in _REFUSALS:
                raise AuthenticationError(Phrase(REFUSED, {"status": status}), status=status) from error
            if status in _GONE:
                facts: dict[str, str | int] = {"address": SOCKET_PATH, "status": status}
                raise ConfigurationError(Phrase(NOT_THERE, facts), status=status) from error
            raise TemporaryError(Phrase(NOT_OPENED), detail=str(error), status=status) from error
        except (OSError, WebSocketException, TimeoutError) as error:
            raise TemporaryError(Phrase(NOT_OPENED), detail=str(error)) from error
        self._heard_at = time.monotonic()

    def burst(self, within_s: float) -> list[str | bytes]:
        """Wait for a frame and take those that came with it; nothing when none came `within_s`.

        Raises `TokenEndedError` when the token has expired, `SilentError` when nothing was heard for 65 s,
        `TemporaryError` when the socket is lost.
        """
        frames: list[str | bytes] = []
        try:
            frames.append(self._socket.recv(timeout=within_s))
            while len(frames) < MOST_FRAMES:
                frames.append(self._socket.recv(timeout=0))
        except TimeoutError:
            pass
        except ConnectionClosed as error:
            if not frames:  # what came before the end is worked first; asked again, it says the same
                raise _ended(error) from error
        now = time.monotonic()
        if frames:
            self._heard_at = now
        elif now - self._heard_at >= LOST_AFTER_S:
            raise SilentError(Phrase(SILENT, {"seconds": int(LOST_AFTER_S)}))
        return frames

    def close(self) -> None:
        self._open.close()


def _ended(error: ConnectionClosed) -> TokenEndedError | TemporaryError:
    code = error.rcvd.code if error.rcvd is not None else 1006
    phrase = Phrase(CLOSED, {"code": code})
    return TokenEndedError(phrase) if code == EXPIRED else TemporaryError(phrase)
