"""Tokens of MCE/Oktell: asked for by user name and password, renewed before they end, by one at a time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING
from uuid import uuid4

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.errors import AuthenticationError, PoisonError
from apps.integrations.wire.centre.asking import JUDGED
from apps.integrations.wire.client import call
from apps.integrations.wire.reading import read_json

if TYPE_CHECKING:
    from apps.integrations.types import Access
    from apps.integrations.wire.answers import Answer

TOKEN_PATH = "/auth/mce/token"  # noqa: S105 - an address
EARLIER_S = 60.0
NO_TOKEN = gettext_noop("The answer holds no token with its life in seconds.")


class Tokens:
    """The token of one connection, shared by whoever calls it."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0

    def current(self) -> str:
        """Give a token that still lasts; whoever comes while it is being renewed waits for that one."""
        with self._lock:
            if not self._token or time.monotonic() >= self._renew_at:
                self._renew()
            return self._token

    def is_due(self) -> bool:
        """Tell whether the token is to be renewed now."""
        return time.monotonic() >= self._renew_at

    def refused(self, token: str) -> None:
        """Forget a token that was refused; one that has been renewed meanwhile stays."""
        with self._lock:
            if token == self._token:
                self._token = ""

    def get(self, path: str, *, endpoint: str) -> Answer:
        """Make a call with the token; one that is refused is renewed once and the call made again.

        What an answer of 200, 400 or 404 means is for the caller to judge.
        """
        token = self.current()
        try:
            return self._get(path, endpoint, token)
        except AuthenticationError:
            self.refused(token)
            return self._get(path, endpoint, self.current())

    def _get(self, path: str, endpoint: str, token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        return call(
            self._access,
            "GET",
            path,
            endpoint=endpoint,
            headers=headers,
            session_id=uuid4(),
            accept_status=JUDGED,
            needs_body=False,
        )

    def _renew(self) -> None:
        asked_at = time.monotonic()
        answer = call(
            self._access,
            "POST",
            TOKEN_PATH,
            endpoint="mce.token",
            session_id=uuid4(),
            accept_status=(200, 201),
        )
        data = read_json(answer)
        token = data.get("access_token") if isinstance(data, dict) else None
        life_s = data.get("expires_in") if isinstance(data, dict) else None
        if not isinstance(token, str) or not token or not isinstance(life_s, int | float) or life_s <= 0:
            raise PoisonError(Phrase(NO_TOKEN))
        self._token = token
        self._renew_at = asked_at + (life_s - EARLIER_S if life_s > EARLIER_S else life_s / 2)
