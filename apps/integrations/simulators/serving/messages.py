"""Requests and answers as a simulator sees them."""

from __future__ import annotations

import datetime as dt
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


class BadRequestError(Exception):
    """The request cannot be read; it is answered with `status` and its text."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


def present() -> dt.datetime:
    """Give the current instant, in UTC: the clock of the other system, which nobody here moves."""
    return dt.datetime.fromtimestamp(time.time(), dt.UTC)


@dataclass(frozen=True)
class Request:
    """One request: `path` is decoded and without the query, names of `headers` are lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    peer: str = ""

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    def json(self) -> Any:
        """Read the body; raises `BadRequestError` for one that is not JSON in UTF-8."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except ValueError as error:
            raise BadRequestError(f"The body is not JSON in UTF-8: {error}") from error


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(content: object, status: int = 200, **headers: str) -> Answer:
    """Answer with JSON in UTF-8; the names of `headers` have underscores for hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    body = json.dumps(content, ensure_ascii=False, default=str).encode()
    return Answer(status, body, {"Content-Type": JSON, **named})


def html_answer(text: str, status: int = 200) -> Answer:
    return Answer(status, text.encode(), {"Content-Type": HTML})
