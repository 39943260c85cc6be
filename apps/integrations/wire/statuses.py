"""What an HTTP status that nobody asked for means: the classes of failure, in words."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.errors import (
    AuthenticationError,
    ConfigurationError,
    ExchangeError,
    RefusedError,
    TemporaryError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

DETAIL_CHARACTERS = 500
MOST_PAUSE_S = 3600.0
TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]{0,500}>", re.IGNORECASE | re.DOTALL)
EMPTY = gettext_noop("The answer is empty.")
BROKEN_HTTP = gettext_noop("The answer is not HTTP.")
REFUSES_SIGN_IN = gettext_noop("%(host)s refuses the user name or password (%(status)s).")
FORBIDS = gettext_noop("%(host)s knows the user but does not allow this (%(status)s).")
REDIRECTS = gettext_noop(
    "%(host)s redirects to %(target)s (%(status)s), which is not followed: give the final address."
)
NOT_THERE = gettext_noop("%(host)s has nothing under this address (%(status)s): is it complete?")
WRONG_METHOD = gettext_noop("%(host)s does not know this call (%(status)s): is the dialect right?")
REFUSES = gettext_noop("%(host)s refuses the request (%(status)s).")
BUSY = gettext_noop("%(host)s asks for a pause (%(status)s).")
ILL = gettext_noop("%(host)s has an error (%(status)s).")
ODD = gettext_noop("%(host)s answers with the unexpected status %(status)s.")
KNOWN: dict[int, tuple[type[ExchangeError], str]] = {
    401: (AuthenticationError, REFUSES_SIGN_IN),
    407: (AuthenticationError, REFUSES_SIGN_IN),
    403: (AuthenticationError, FORBIDS),
    404: (ConfigurationError, NOT_THERE),
    410: (ConfigurationError, NOT_THERE),
    405: (ConfigurationError, WRONG_METHOD),
    415: (ConfigurationError, WRONG_METHOD),
    501: (ConfigurationError, WRONG_METHOD),
    408: (TemporaryError, BUSY),
    425: (TemporaryError, BUSY),
    429: (TemporaryError, BUSY),
}
TURNED_AWAY = {401, 403, 404, 405, 407, 410, 415, 425, 429}


def status_error(status: int, headers: Mapping[str, str], beginning: bytes, host: str) -> ExchangeError:
    """Give the error of `status`; `beginning` is that of the body and becomes the detail."""
    facts: dict[str, str | int] = {"host": host, "status": status}
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        facts["target"] = _origin(headers.get("location", ""))
        return ConfigurationError(Phrase(REDIRECTS, facts), status=status)
    error, words = KNOWN.get(status) or _by_hundred(status)
    return error(
        Phrase(words, facts),
        detail=_text(beginning),
        status=status,
        sent=status not in TURNED_AWAY,
        retry_after_s=_pause_s(headers.get("retry-after", "")),
    )


def _by_hundred(status: int) -> tuple[type[ExchangeError], str]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TemporaryError, ILL
    return (RefusedError, REFUSES) if status >= HTTPStatus.BAD_REQUEST else (TemporaryError, ODD)


def _text(body: bytes) -> str:
    """Give the words of a body, without the marks of a web page, in the encoding that fits."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data"
        text = body.decode("utf-8", "ignore") if cut else body.decode("cp1251", "replace")
    return " ".join(TAGS.sub(" ", text).replace("\0", "").split())[:DETAIL_CHARACTERS]


def _origin(location: str) -> str:
    """Give where a redirect leads, without what may be secret in it."""
    match = re.match(r"(https?)://(?:[^/?#@]*@)?([^/?#@]{1,100})", location)
    return f"{match[1]}://{match[2]}" if match else "…"


def _pause_s(text: str) -> float | None:
    """Give the seconds of `Retry-After`; a date there is no number and is left out."""
    return min(float(text), MOST_PAUSE_S) if text.isascii() and text.isdigit() else None
