"""Kinds of jobs and the functions that do them; every app registers its own in its `tasks.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from django.utils.functional import _StrPromise

    from apps.core.phrases import Phrase


class JobCancelled(Exception):  # noqa: N818 - it is an outcome, not an error
    """Somebody asked the job to stop, and it did."""


class JobLost(Exception):  # noqa: N818 - it is an outcome, not an error
    """The job was given to another worker, or has ended: what this one did must not be kept."""


class JobContext(Protocol):
    """What a job's function is given.

    A function that stores what it made calls `conclude` (or `refuse`) as the last step of the transaction
    that stores it: the outcome and the data are then kept together or not at all, so that a worker that dies
    or stalls at any moment never leads to the data being stored twice.
    """

    @property
    def job_id(self) -> UUID: ...

    @property
    def params(self) -> Mapping[str, Any]: ...

    @property
    def actor_id(self) -> int | None: ...

    def progress(self, fraction: float, stage: Phrase | None = None) -> None:
        """Say how far the work is (0..1); without `stage` it stays as it was. Call outside transactions."""

    def log(self, line: str) -> None:
        """Add a line to the job's log; the newest 200 are kept."""

    def cancelled(self) -> bool:
        """Tell whether to stop, from any thread and at no cost."""

    def check_cancelled(self) -> None:
        """Raise `JobCancelled` when asked to stop."""

    def conclude(self, result: Mapping[str, Any] | None = None) -> None:
        """Write in the current transaction that the job succeeded; `result` (JSON), `url` in it is its page.

        Raises `JobLost` when the job is no longer this worker's and `JobCancelled` when it was asked to stop:
        either takes back the transaction. `RuntimeError` outside a transaction.
        """

    def refuse(self, reason: str | Phrase) -> None:
        """Write in the current transaction that the job failed for `reason`; raises as `conclude` does.

        A phrase is read in the language of whoever looks, text in that of whoever started the job.
        """


if TYPE_CHECKING:
    Handler = Callable[[JobContext], Mapping[str, Any] | None]
    Repeat = Callable[[Any, Any], Any]  # (job, actor) -> the new job
    Repeatable = Callable[[Any], bool]  # of a job


@dataclass(frozen=True)
class Kind:
    """What an app said about its jobs of one kind."""

    handler: Handler
    label: str | _StrPromise
    repeat: Repeat | None
    repeatable: Repeatable = lambda _job: True


_kinds: dict[str, Kind] = {}


def job_handler(
    kind: str,
    *,
    label: str | _StrPromise = "",
    repeat: Repeat | None = None,
    repeatable: Repeatable = lambda _job: True,
) -> Callable[[Handler], Handler]:
    """Register the function of jobs of `kind`, called `label` where people see it.

    One that has nothing to store returns the result (JSON), `url` in it is its page; one that has, concludes.
    `repeat` starts the work of a finished job again: it is given the job and the actor, asks the service that
    started the job (which checks what the actor may do), and gives the new job.
    `repeatable` tells of such a job whether what it needs is still there.
    """

    def register(function: Handler) -> Handler:
        if _kinds.setdefault(kind, Kind(function, label or kind, repeat, repeatable)).handler is not function:
            raise ValueError(f"Two functions for jobs of kind {kind}.")
        return function

    return register


def find_handler(kind: str) -> Handler:
    """Give the function of `kind`; `LookupError` when no app registered it."""
    found = find_kind(kind)
    if found is None:
        raise LookupError(f"No app does jobs of kind {kind}.")
    return found.handler


def find_kind(kind: str) -> Kind | None:
    """Give what is known of `kind`; nothing of one that no app does any more."""
    return _kinds.get(kind)


def kind_label(kind: str) -> str:
    """Give the name of `kind` in the reader's language."""
    found = find_kind(kind)
    return str(found.label) if found else kind
