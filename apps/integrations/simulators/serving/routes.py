"""Which function answers which path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from apps.integrations.simulators.serving.messages import Answer, Request

    Handler = Callable[..., Answer | Awaitable[Answer]]

_PLACE = re.compile(r"\{(\w+)\}")


class Routes:
    """Handlers by method and the end of the path, so that any base address will do."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, re.Pattern[str], Handler]] = []

    def add(self, method: str, pattern: str, handler: Handler) -> None:
        """Answer `pattern` (`/agents/{start}/{end}`) by `handler(request, start=…, end=…)`."""
        inner = "".join(
            f"(?P<{piece}>[^/]+)" if number % 2 else re.escape(piece)
            for number, piece in enumerate(_PLACE.split(pattern))
        )
        self._rows.append((method, re.compile(f"^.*{inner}$"), handler))

    def find(self, request: Request) -> tuple[Handler, dict[str, str]] | None:
        for method, pattern, handler in self._rows:
            found = pattern.match(request.path)
            if method == request.method and found is not None:
                return handler, found.groupdict()
        return None

    def knows(self, path: str) -> bool:
        """Tell whether the path is answered at all, by whatever method."""
        return any(pattern.match(path) for _method, pattern, _handler in self._rows)
