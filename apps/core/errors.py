"""Typed errors: what a service says when it will not do something.

Doors translate them: pages show `message`, the API answers `application/problem+json` with `status`, `code`
and `fields`.
"""

from __future__ import annotations

from typing import Any

from apps.core.phrases import Phrase


class DomainError(Exception):
    """A refusal with a reason that a person can act on.

    `message` is translated text; given as a phrase, the reason can be kept for readers of other languages
    (`phrase`). `fields` maps a field name to its messages; `extra` holds figures or links.
    """

    status = 400
    code = "invalid"

    def __init__(
        self, message: str | Phrase, *, fields: dict[str, list[str]] | None = None, **extra: Any
    ) -> None:
        self.message = str(message)
        self.phrase = message if isinstance(message, Phrase) else Phrase.plain(self.message)
        super().__init__(self.message)
        self.fields = fields or {}
        self.extra = extra


class NotAllowedError(DomainError):
    """The person may not do this."""

    status = 403
    code = "not_allowed"


class NotFoundError(DomainError):
    """There is no such thing, or the person may not know of it."""

    status = 404
    code = "not_found"


class ConflictError(DomainError):
    """The state of the thing forbids it now (a running job, a published variant)."""

    status = 409
    code = "conflict"


class StaleError(ConflictError):
    """Somebody changed it meanwhile."""

    status = 412
    code = "stale"
