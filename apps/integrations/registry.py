"""Kinds of operations, purposes of runs and tests of connections; the modules that do them register here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from django.utils.functional import _StrPromise

    from apps.integrations.types import Access, Done, OperationInHand, RunInHand

    OperationHandler = Callable[[OperationInHand], Done]
    RunFunction = Callable[[RunInHand], None]
    ConnectionTest = Callable[[Access], list[tuple[bool, str]]]  # (is well, what was found), in words
    ConnectionCheck = Callable[[Access], int | None]  # the status of the bare address, where that was asked
    FeedAges = Callable[[Sequence[int]], Mapping[int, dt.datetime]]

RETRY_DELAYS_S = (30, 120, 300)


@dataclass(frozen=True)
class OperationKind:
    """What is known of operations of one kind.

    One that is not `repeatable` becomes `unknown` when it was sent and its outcome is not known. Then
    `settle` finds out what became of it: it gives `Done`, or raises `NotDoneError` when it surely did not
    take effect, `TemporaryError` to be asked again, anything else when a person has to look.
    `retry_delays_s` are the pauses after each failure that may be tried again, longer by up to the fraction
    `jitter`, so that what failed together does not come back together.
    """

    handler: OperationHandler
    label: str | _StrPromise
    repeatable: bool = True
    retry_delays_s: tuple[float, ...] = RETRY_DELAYS_S
    settle: OperationHandler | None = None
    jitter: float = 0.0


@dataclass(frozen=True)
class Purpose:
    """Something a connection is run for, on demand and by schedule."""

    system: str
    label: str | _StrPromise
    function: RunFunction


_kinds: dict[str, OperationKind] = {}
_purposes: dict[str, Purpose] = {}
_tests: dict[str, ConnectionTest] = {}
_checks: dict[str, ConnectionCheck] = {}
_feed_ages: dict[str, FeedAges] = {}


def operation_handler(
    kind: str,
    *,
    label: str | _StrPromise,
    repeatable: bool = True,
    retry_delays_s: tuple[float, ...] = RETRY_DELAYS_S,
    settle: OperationHandler | None = None,
    jitter: float = 0.0,
) -> Callable[[OperationHandler], OperationHandler]:
    """Register the function that does one attempt of operations of `kind`.

    It returns `Done` or raises one of `apps.integrations.errors`.
    """

    def register(function: OperationHandler) -> OperationHandler:
        known = _kinds.setdefault(
            kind, OperationKind(function, label, repeatable, retry_delays_s, settle, jitter)
        )
        if known.handler is not function:
            raise ValueError(f"Two functions for operations of kind {kind}.")
        return function

    return register


def find_operation_kind(kind: str) -> OperationKind | None:
    """Give what is known of `kind`; nothing of one that nobody does any more."""
    return _kinds.get(kind)


def operation_kind_label(kind: str) -> str:
    """Give the name of `kind` in the reader's language; one that nobody does any more names itself."""
    return str(_kinds[kind].label) if kind in _kinds else kind


def run_purpose(name: str, *, system: str, label: str | _StrPromise) -> Callable[[RunFunction], RunFunction]:
    """Register what a run of `name` (`onec.personnel`) on connections of `system` does."""

    def register(function: RunFunction) -> RunFunction:
        if _purposes.setdefault(name, Purpose(system, label, function)).function is not function:
            raise ValueError(f"Two functions for runs of {name}.")
        return function

    return register


def find_purpose(name: str) -> Purpose | None:
    return _purposes.get(name)


def purposes_of(system: str) -> dict[str, Purpose]:
    """Give what connections of `system` can be run for, by name."""
    return {name: purpose for name, purpose in _purposes.items() if purpose.system == system}


def connection_test(system: str) -> Callable[[ConnectionTest], ConnectionTest]:
    """Register how connections of `system` are tested: calls that change nothing, findings in words."""

    def register(function: ConnectionTest) -> ConnectionTest:
        if _tests.setdefault(system, function) is not function:
            raise ValueError(f"Two tests of connections to {system}.")
        return function

    return register


def find_connection_test(system: str) -> ConnectionTest | None:
    return _tests.get(system)


def connection_check(system: str) -> Callable[[ConnectionCheck], ConnectionCheck]:
    """Register the one light call by which connections of `system` are looked at every minute.

    It raises an `ExchangeError` when the system is ill; a status of 5xx that it gives is neither well nor
    ill. Without one any answer under the address will do.
    """

    def register(function: ConnectionCheck) -> ConnectionCheck:
        if _checks.setdefault(system, function) is not function:
            raise ValueError(f"Two checks of connections to {system}.")
        return function

    return register


def find_connection_check(system: str) -> ConnectionCheck | None:
    return _checks.get(system)


def feed_age_source(system: str) -> Callable[[FeedAges], FeedAges]:
    """Register a function that gives, of connections of `system`, the instant of their newest datum.

    It is given the ids of connections and asks in one query; one without data is left out.
    """

    def register(function: FeedAges) -> FeedAges:
        if _feed_ages.setdefault(system, function) is not function:
            raise ValueError(f"Two sources of the feed age of {system}.")
        return function

    return register


def find_feed_ages(system: str) -> FeedAges | None:
    return _feed_ages.get(system)
