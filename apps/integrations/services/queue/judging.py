"""What follows from how an attempt ended: done, again later, failed, or unknown and to be settled."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

from apps.core import clock
from apps.core.errors import DomainError
from apps.core.locks import LockHeldError
from apps.core.phrases import Phrase
from apps.integrations.choices import FailureClass
from apps.integrations.errors import (
    DeferError,
    ExchangeError,
    LeaseError,
    NotDoneError,
    PoisonError,
    TemporaryError,
    UnclearError,
)

if TYPE_CHECKING:
    import datetime as dt

    from apps.integrations.models import Call
    from apps.integrations.registry import OperationKind
    from apps.integrations.services.queue.claiming import Claimed
    from apps.integrations.types import Done

SETTLE_AFTER_S = 10.0  # what was sent and not answered may still be in work over there
LONGEST_PAUSE_S = 3600.0
NOBODY = gettext_noop("Nothing on this server does operations of this kind.")
BROKE = gettext_noop("Something broke on our side (%(error)s); the log of the server says more.")


class Then(Enum):
    """What becomes of an operation after an attempt."""

    DONE = "done"
    FAILED = "failed"
    AGAIN = "again"
    SETTLE = "settle"  # unknown, the other system will be asked
    UNKNOWN = "unknown"  # unknown, a person has to look
    DEFERRED = "deferred"


@dataclass(frozen=True)
class Verdict:
    """How one attempt ended and what follows; `wait_s` is the pause before it is claimed again."""

    claimed: Claimed
    then: Then
    failure: str = ""
    reason: Phrase = field(default_factory=Phrase)
    detail: str = ""
    status: int | None = None
    failures: int = 0
    wait_s: float = 0.0
    until: dt.datetime | None = None
    done: Done | None = None
    result: str | None = None  # JSON
    well: bool | None = None  # the other system, as far as this attempt tells
    calls: tuple[Call, ...] = ()

    @property
    def is_final_fault(self) -> bool:
        """Tell whether nothing will happen any more unless a person acts."""
        return self.then in {Then.FAILED, Then.UNKNOWN}


def well_done(claimed: Claimed, done: Done, *, result: str) -> Verdict:
    return Verdict(claimed, Then.DONE, done=done, result=result, well=True, failures=claimed.failures)


def nobody_does(claimed: Claimed) -> Verdict:
    return Verdict(
        claimed,
        Then.FAILED,
        failure=FailureClass.CONFIGURATION,
        reason=Phrase(NOBODY),
        failures=claimed.failures,
    )


def judge(claimed: Claimed, kind: OperationKind, error: Exception) -> Verdict:
    """Say what follows from `error` of an attempt, as `docs/decisions/0013-operation-queue.md` has it."""
    if isinstance(error, DeferError):
        return Verdict(claimed, Then.DEFERRED, until=error.until, failures=claimed.failures)
    if isinstance(error, LeaseError) and not error.sent:
        return Verdict(claimed, Then.DEFERRED, until=clock.now(), failures=claimed.failures)
    then = _after_settling(error) if claimed.settling else _after_sending(kind, error)
    failures = claimed.failures
    wait_s = 0.0
    if then is Then.AGAIN or (then is Then.SETTLE and claimed.settling):
        failures += 1
        if failures > len(kind.retry_delays_s):
            then = Then.FAILED if then is Then.AGAIN else Then.UNKNOWN
        else:
            asked_s = getattr(error, "retry_after_s", None) or 0.0
            wait_s = max(_pause_s(kind, failures), min(asked_s, LONGEST_PAUSE_S))
    elif then is Then.SETTLE:
        wait_s = SETTLE_AFTER_S
    return Verdict(claimed, then, failures=failures, wait_s=wait_s, **_facts(error))


def _pause_s(kind: OperationKind, failures: int) -> float:
    return kind.retry_delays_s[failures - 1] * (1 + kind.jitter * random.random())  # noqa: S311 - no secret


def lost(claimed: Claimed, kind: OperationKind | None) -> Then:
    """Say what follows when the node that held an operation died after its attempt was written."""
    if kind is None or (kind.repeatable and not claimed.settling):
        return Then.AGAIN
    return Then.SETTLE if kind.settle is not None else Then.UNKNOWN


def _after_sending(kind: OperationKind, error: Exception) -> Then:
    if kind.repeatable or not _may_have_taken_effect(error):
        return Then.AGAIN if _may_pass(error) else Then.FAILED
    return Then.SETTLE if kind.settle is not None else Then.UNKNOWN


def _after_settling(error: Exception) -> Then:
    if isinstance(error, NotDoneError):
        return Then.AGAIN
    if isinstance(error, UnclearError) or not _may_pass(error):
        return Then.UNKNOWN
    return Then.SETTLE


def _may_pass(error: Exception) -> bool:
    """Tell whether the same may succeed later."""
    if isinstance(error, ExchangeError):
        return isinstance(error, TemporaryError | UnclearError | NotDoneError)
    return isinstance(error, LockHeldError) or not isinstance(error, DomainError)


def _may_have_taken_effect(error: Exception) -> bool:
    if isinstance(error, ExchangeError):
        return error.sent and isinstance(error, TemporaryError | UnclearError | PoisonError)
    return not isinstance(error, DomainError)


def _facts(error: Exception) -> dict[str, Any]:
    if isinstance(error, ExchangeError):
        return {
            "failure": error.failure,
            "reason": error.reason,
            "detail": error.detail,
            "status": error.status,
            "well": None if isinstance(error, LeaseError) else not error.counts,
        }
    if isinstance(error, DomainError):
        return {"failure": FailureClass.CONFIGURATION, "reason": error.phrase}
    return {"failure": FailureClass.INTERNAL, "reason": Phrase(BROKE, {"error": type(error).__name__})}
