"""Whether the product can work: named checks, each bounded in time; apps register their own."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.db import Error, connection
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Look = Callable[[], "Finding"]

CHECK_TIMEOUT_S = 4.0
FAILED_LIMIT = 10  # of queues: so many that failed, or wait, are a sign of trouble
PENDING_LIMIT = 1000


class Health(StrEnum):
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True)
class Finding:
    """What a check found, with its figures."""

    status: Health
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    look: Look
    vital: bool  # without it the product cannot work at all


_checks: dict[str, Check] = {}


def health_check(name: str, *, vital: bool = False) -> Callable[[Look], Look]:
    """Register a check; it may raise what a database, Redis or the network raises when they are away."""

    def register(look: Look) -> Look:
        _checks[name] = Check(look, vital)
        return look

    return register


def examine(names: set[str] | None = None) -> tuple[Health, dict[str, dict[str, Any]]]:
    """Run the checks (all, or `names`) side by side and give the whole's health and each check's finding.

    A vital check that fails makes the whole unhealthy, any other makes it degraded. What does not answer
    within `CHECK_TIMEOUT_S` counts as failed.
    """
    chosen = {name: check for name, check in _checks.items() if names is None or name in names}
    pool = ThreadPoolExecutor(max(1, len(chosen)), thread_name_prefix="health")
    started = monotonic()
    running = {name: pool.submit(_look, check) for name, check in chosen.items()}
    findings = {name: _answer(future, started) for name, future in running.items()}
    pool.shutdown(wait=False)  # a check that hangs must not hold the answer
    return _whole(chosen, findings), findings


def _look(check: Check) -> Finding:
    try:
        return check.look()
    finally:
        connection.close()


def _answer(future: Future[Finding], started: float) -> dict[str, Any]:
    try:
        finding = future.result(timeout=max(0.0, CHECK_TIMEOUT_S - (monotonic() - started)))
    except (Error, RedisError, OSError) as error:  # a timeout is an OSError, too
        finding = Finding(Health.UNHEALTHY, {"error": type(error).__name__})
    return {"status": finding.status, "ms": round((monotonic() - started) * 1000, 1), **finding.figures}


def _whole(checks: dict[str, Check], findings: dict[str, dict[str, Any]]) -> Health:
    worst = Health.HEALTHY
    for name, finding in findings.items():
        if finding["status"] == Health.UNHEALTHY and checks[name].vital:
            return Health.UNHEALTHY
        if finding["status"] != Health.HEALTHY:
            worst = Health.DEGRADED
    return worst
