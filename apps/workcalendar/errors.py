from __future__ import annotations

from apps.core.errors import DomainError, NotFoundError


class CalendarFileError(DomainError):
    """A calendar file cannot be read; the message names the line and the reason."""

    code = "calendar_file"


class CalendarMissingError(NotFoundError):
    """No such calendar, or one of its years is not filled: norms are then unknown, never guessed."""

    code = "calendar_missing"
