"""What an import says when it will not take a file."""

from __future__ import annotations

from apps.core.errors import ConflictError, DomainError


class FileRefusedError(DomainError):
    """The file as a whole cannot be history: damaged, hostile, or of another kind."""

    code = "file_refused"


class OtherStepError(ConflictError):
    """The span holds intervals of another length than the file."""
