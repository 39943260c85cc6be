"""JSON of other systems: what can be borne is borne, what cannot is told so that a planner understands."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.errors import PoisonError, TemporaryError
from apps.integrations.wire.bodies import CUT

if TYPE_CHECKING:
    from apps.integrations.wire.answers import Answer

BOM = b"\xef\xbb\xbf"
SHOWN_CHARACTERS = 300
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
UNSTORABLE_IN_JSON = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
NOT_UTF8 = gettext_noop(
    "The answer is not in UTF-8 (byte %(position)s): the other system seems to write in Windows-1251."
)
HTML = gettext_noop(
    "The answer is a web page, not data: does the address lead to the service itself, not to a sign-in page?"
)
NOT_JSON = gettext_noop("The answer is not JSON (line %(line)s, column %(column)s).")
NO_NUMBER = gettext_noop("The answer holds %(value)s where a number belongs.")
TOO_DEEP = gettext_noop("The answer is nested too deeply to be data.")
CONTRADICTS = gettext_noop("The answer gives “%(field)s” twice in one object, with different values.")


def read_json(answer: Answer) -> Any:
    """Give the data of an answer; see `json_of`."""
    return json_of(answer.body)


def json_of(body: bytes) -> Any:
    """Give the data of a JSON text in UTF-8, with or without a byte order mark.

    NUL and lone surrogates in texts become U+FFFD: the database takes neither. Raises `TemporaryError` for a
    text that ends in the middle and `PoisonError` for what is no JSON: another encoding, a web page, NaN,
    a name given twice with different values.
    """
    try:
        text = body.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        raise PoisonError(Phrase(NOT_UTF8, {"position": error.start + 1}), detail=_shown(body)) from error
    try:
        data = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise _unreadable(text, error) from error
    except RecursionError as error:
        raise PoisonError(Phrase(TOO_DEEP), detail=text[:SHOWN_CHARACTERS]) from error
    except ValueError as error:  # a number of thousands of digits
        raise PoisonError(Phrase(NO_NUMBER, {"value": "…"}), detail=str(error)) from error
    return _storable(data) if UNSTORABLE_IN_JSON.search(text) else data


def _unreadable(text: str, error: json.JSONDecodeError) -> PoisonError | TemporaryError:
    shown = text[:SHOWN_CHARACTERS]
    if text.lstrip()[:1] == "<":
        return PoisonError(Phrase(HTML), detail=shown)
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return TemporaryError(Phrase(CUT), detail=text[-SHOWN_CHARACTERS:])
    return PoisonError(Phrase(NOT_JSON, {"line": error.lineno, "column": error.colno}), detail=shown)


def _refuse_constant(name: str) -> Any:
    raise PoisonError(Phrase(NO_NUMBER, {"value": name}))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        for name, value in pairs:
            if made[name] != value:
                raise PoisonError(Phrase(CONTRADICTS, {"field": name[:60]}))
    return made


def _storable(data: Any) -> Any:
    if isinstance(data, str):
        return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", data)
    if isinstance(data, dict):
        return {_storable(name): _storable(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_storable(value) for value in data]
    return data


def _shown(body: bytes) -> str:
    """Give the beginning as the likely encoding has it."""
    return body[:SHOWN_CHARACTERS].decode("cp1251", "replace").replace("\0", "")
