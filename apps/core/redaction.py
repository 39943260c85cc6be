"""No secret in the log: values under telling names, and those that stand in addresses and headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

HIDDEN = "[hidden]"
_BEFORE = r"(?:[\w-]*[-_]|(?-i:[a-z]\w*?(?=[A-Z])))?"  # refresh_token, X-Api-Key, accessToken
_WORDS = (
    r"(?:pass(?:word|wd|phrase)?|secret|token|authorization|cookie|session(?:id)?|credential|csrf[a-z]*"
    r"|signature|(?:api|secret|private|access|signing|encryption|session)[-_]?key)"
)
NAME = rf"{_BEFORE}{_WORDS}s?(?:[-_]?(?:hash|value))?\d?"
_QUOTED = r"[bruf]{0,2}(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
_HEADER = r"(?:proxy-)?authorization|(?:x-)?api-key|(?:set-)?cookie"
_KEY = re.compile(NAME, re.IGNORECASE)
_IN_TEXT = (
    (
        re.compile(rf"(?<![\w-])((?:{_HEADER})[\"']?\s*:\s*)(?:{_QUOTED}|[^\r\n]+)", re.IGNORECASE),
        rf"\1{HIDDEN}",
    ),
    (
        re.compile(rf"(?<![\w-])({NAME}[\"']?\s*[:=]\s*)(?:{_QUOTED}|[^\s&'\";]+)", re.IGNORECASE),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\b(Bearer|Basic)\s+(?=\S*[\d=._-])[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"(/ccwfm/)(?!api/)[^/\s]+(?=/api)"), rf"\1{HIDDEN}"),  # the secret path of a status door
    (re.compile(r"(\w+://[^:/\s@]*:)\S*@"), rf"\1{HIDDEN}@"),  # up to the last one: passwords hold any sign
)


def hide_secrets(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Give the line of the log without secrets; a processor of structlog, after the traceback is text."""
    return {name: _hidden(name, value) for name, value in line.items()}


def _hidden(name: str, value: Any) -> Any:
    if _KEY.fullmatch(name) and value not in (None, ""):
        return HIDDEN
    if isinstance(value, str):
        return _without_secrets(value)
    if isinstance(value, dict):
        return {str(key): _hidden(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden("", inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float) else _without_secrets(str(value))


def _without_secrets(text: str) -> str:
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    return text
