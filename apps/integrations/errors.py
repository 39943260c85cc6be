"""How an exchange with another system fails; the class decides what the operation queue does next."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from apps.integrations.choices import FailureClass

if TYPE_CHECKING:
    import datetime as dt

    from apps.core.phrases import Phrase


class ExchangeError(Exception):
    """An exchange that did not succeed, with a reason a planner understands.

    `detail` is what the other system said, word for word (already masked), `status` its HTTP status,
    `counts` whether the breaker takes it as a sign that the other system is ill. `sent` is false when it
    surely had no effect: nothing of the request left us, or it was turned away; `retry_after_s` is the pause
    that the other system asked for.
    """

    failure: ClassVar[FailureClass] = FailureClass.INTERNAL
    counts: ClassVar[bool] = True

    def __init__(
        self,
        reason: Phrase,
        *,
        detail: str = "",
        status: int | None = None,
        sent: bool = True,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.status = status
        self.sent = sent
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        reason = str(self.reason)
        mark = " " if reason.endswith((".", "?", "!")) else ": "
        return f"{reason}{mark}{self.detail}" if self.detail else reason


class TemporaryError(ExchangeError):
    """No connection, time-out, 5xx, empty or cut answer: may be tried again."""

    failure = FailureClass.RETRY


class LeaseError(TemporaryError):
    """We stood still for so long that the operation may be somebody else's: nothing more of it was sent."""


class RefusedError(ExchangeError):
    """A business refusal: the other system is well and said no."""

    failure = FailureClass.REFUSED
    counts = False


class AuthenticationError(ExchangeError):
    """401 or 403."""

    failure = FailureClass.AUTHENTICATION


class ConfigurationError(ExchangeError):
    """A wrong address, certificate, dialect or method: a person has to change a setting."""

    failure = FailureClass.CONFIGURATION


class PoisonError(ExchangeError):
    """An answer that cannot be read, however often it is asked for: kept, shown, not tried again."""

    failure = FailureClass.POISON


class UnclearError(ExchangeError):
    """It was sent and the answer was not read: whether it took effect has to be found out."""

    failure = FailureClass.UNCLEAR


class NotDoneError(ExchangeError):
    """What settling found out: it surely did not take effect, so it may be sent again."""

    failure = FailureClass.RETRY
    counts = False


class DeferError(Exception):
    """Not now, but at `until`: nothing was sent, and no retry is spent."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(until)
        self.until = until
