"""What came of the requests: the effects, which survive a kill, and the log of requests, which does not."""

from __future__ import annotations

import json
import os
from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.serving.messages import Request, present

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOG_LENGTH = 50_000


class Ledger:
    """Effects in order: `{number, at, kind, key, request_id, session_id, …facts}`.

    With a file each effect is a line of JSON there before its request is answered; what the file holds
    already is read first, so that a simulator that was killed knows what it had done.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.entries: list[dict[str, Any]] = []
        self._descriptor: int | None = None
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            self.entries.extend(_read_entries(file))

    def add(self, kind: str, key: str, request: Request | None = None, **facts: Any) -> dict[str, Any]:
        """Write down that something of `kind` happened to `key` (an employee, a document, a webhook id)."""
        entry = {
            "number": len(self.entries) + 1,
            "at": present().isoformat(),
            "kind": kind,
            "key": key,
            "request_id": request.header("X-Request-ID") if request else "",
            "session_id": request.header("X-Session-ID") if request else "",
            **facts,
        }
        if self._descriptor is not None:
            os.write(self._descriptor, json.dumps(entry, ensure_ascii=False, default=str).encode() + b"\n")
        self.entries.append(entry)
        return entry

    def find(self, kind: str = "", key: str = "") -> Iterator[dict[str, Any]]:
        for entry in self.entries:
            if kind in {"", entry["kind"]} and key in {"", entry["key"]}:
                yield entry

    def counts(self) -> dict[str, int]:
        return dict(Counter(entry["kind"] for entry in self.entries))

    def clear(self) -> None:
        self.entries.clear()
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _read_entries(file: Path) -> Iterator[dict[str, Any]]:
    """Give the entries of the file; a last line that a kill cut short is nobody's effect."""
    for line in file.read_bytes().splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            return


class RequestLog:
    """The latest requests, how many there were by path, and how many were in work at once."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.entries: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self.count = 0
        self.in_work = 0
        self.most_in_work = 0

    def begin(self, request: Request) -> dict[str, Any]:
        self.count += 1
        self.in_work += 1
        self.most_in_work = max(self.most_in_work, self.in_work)
        entry = {
            "number": self.count,
            "at": present().isoformat(),
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "peer": request.peer,
            "body_bytes": len(request.body),
            "request_id": request.header("X-Request-ID"),
            "session_id": request.header("X-Session-ID"),
            "has_authorization": bool(request.header("Authorization")),
            "fault": "",
            "status": None,
            "outcome": "in work",
        }
        self.entries.append(entry)
        return entry

    def end(self, entry: dict[str, Any], outcome: str, status: int | None) -> None:
        self.in_work = max(0, self.in_work - 1)
        entry.update(outcome=outcome, status=status, ended_at=present().isoformat())
