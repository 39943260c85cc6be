"""The state of every connection, in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Max, Min, Q, Sum
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.integrations.choices import OperationState, System
from apps.integrations.models import CallHour, Connection, Operation
from apps.integrations.registry import find_feed_ages
from apps.monitoring.choices import FeedState, Transport
from apps.monitoring.selectors import feed_ages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apps.core.phrases import Phrase
    from apps.monitoring.types import FeedAge

TARGET = 0.95
TARGETS = {System.WEBHOOK: 0.99}
STALE_FEED_S = 300
OPEN_STATES = [
    OperationState.PENDING,
    OperationState.PROCESSING,
    OperationState.FAILED,
    OperationState.UNKNOWN,
]


class Standing(StrEnum):
    """How a connection does, the worst first."""

    DOWN = "down"
    TROUBLED = "troubled"
    WELL = "well"
    PAUSED = "paused"
    NEW = "new"


LABELS = {
    Standing.DOWN: _("down"),
    Standing.TROUBLED: _("in trouble"),
    Standing.WELL: _("well"),
    Standing.PAUSED: _("paused"),
    Standing.NEW: _("not looked at yet"),
}
WAYS = {
    FeedState.LIVE: _("heard by its socket"),
    FeedState.FALLBACK: _("the socket is lost: its list is asked for"),
    FeedState.DOWN: _("heard neither by socket nor by list"),
}


@dataclass
class ConnectionState:
    """One connection on the health page; shares are fractions, None where no call was made."""

    connection: Connection
    waiting: int = 0
    failed: int = 0
    unknown: int = 0
    oldest_at: dt.datetime | None = None
    success_day: float | None = None
    success_week: float | None = None
    error_share: float | None = None
    calls_day: int = 0
    p95_ms: int | None = None
    newest_datum_at: dt.datetime | None = None
    socket: FeedAge | None = None
    now: dt.datetime = field(default_factory=clock.now)

    @property
    def target(self) -> float:
        return TARGETS.get(System(self.connection.system), TARGET)

    @property
    def is_under_target(self) -> bool:
        return self.success_day is not None and self.success_day < self.target

    @property
    def open_until(self) -> dt.datetime | None:
        breaker = getattr(self.connection, "breaker", None)
        return breaker.open_until if breaker else None

    @property
    def failures_in_a_row(self) -> int:
        breaker = getattr(self.connection, "breaker", None)
        return breaker.failures if breaker else 0

    @property
    def oldest_age_s(self) -> int | None:
        return None if self.oldest_at is None else max(0, round((self.now - self.oldest_at).total_seconds()))

    @property
    def feed_age_s(self) -> int | None:
        if self.newest_datum_at is None:
            return None
        return max(0, round((self.now - self.newest_datum_at).total_seconds()))

    @property
    def is_feed_stale(self) -> bool:
        age = self.feed_age_s
        return age is not None and age > STALE_FEED_S

    @property
    def socket_state(self) -> str | None:
        """Say how a live connection is heard: `live`, `fallback` or `down`; None for one without a socket."""
        return self.socket.state if self.socket and self.connection.is_active else None

    @property
    def way(self) -> str:
        return str(WAYS[FeedState(self.socket_state)]) if self.socket_state else ""

    @property
    def is_off_its_socket(self) -> bool:
        return self.socket_state not in (None, FeedState.LIVE)

    @property
    def reason(self) -> Phrase | None:
        health = getattr(self.connection, "health", None)
        return None if health is None or health.is_well else health.reason

    @property
    def last_success_at(self) -> dt.datetime | None:
        health = getattr(self.connection, "health", None)
        return health.last_success_at if health else None

    @property
    def standing(self) -> Standing:
        health = getattr(self.connection, "health", None)
        if not self.connection.is_active:
            return Standing.PAUSED
        if self.open_until is not None or (health is not None and not health.is_well):
            return Standing.DOWN
        is_behind = self.is_feed_stale or self.is_off_its_socket
        if self.is_under_target or self.failed or self.unknown or is_behind:
            return Standing.TROUBLED
        return Standing.NEW if health is None or health.last_success_at is None else Standing.WELL

    @property
    def label(self) -> str:
        return str(LABELS[self.standing])


def connection_states(*, code: str = "") -> list[ConnectionState]:
    """Give the state of every connection (or the one called `code`), by name."""
    connections = Connection.objects.select_related("health", "breaker").order_by("name", "pk")
    if code:
        connections = connections.filter(code=code)
    states = {one.pk: ConnectionState(one) for one in connections}
    _add_operations(states)
    _add_calls(states)
    _add_feeds(states)
    return list(states.values())


def _add_operations(states: Mapping[int, ConnectionState]) -> None:
    waits = Q(state__in=[OperationState.PENDING, OperationState.PROCESSING])
    rows = (
        Operation.objects.filter(connection__in=states, state__in=OPEN_STATES)
        .order_by()
        .values("connection_id")
        .annotate(
            waiting=Count("pk", filter=waits),
            failed=Count("pk", filter=Q(state=OperationState.FAILED)),
            unknown=Count("pk", filter=Q(state=OperationState.UNKNOWN)),
            oldest_at=Min("created_at", filter=waits),
        )
    )
    for row in rows:
        state = states[row["connection_id"]]
        state.waiting, state.failed, state.unknown = row["waiting"], row["failed"], row["unknown"]
        state.oldest_at = row["oldest_at"]


def _add_calls(states: Mapping[int, ConnectionState]) -> None:
    now = clock.now()
    day, hour = now - dt.timedelta(days=1), now - dt.timedelta(hours=1)
    week = now - dt.timedelta(days=7)
    rows = (
        CallHour.objects.filter(connection__in=states, hour__gt=week)
        .order_by()
        .values("connection_id")
        .annotate(
            of_week=Sum("calls"),
            week_errors=Sum("errors"),
            of_day=Sum("calls", filter=Q(hour__gt=day), default=0),
            day_errors=Sum("errors", filter=Q(hour__gt=day), default=0),
            of_hour=Sum("calls", filter=Q(hour__gt=hour), default=0),
            hour_errors=Sum("errors", filter=Q(hour__gt=hour), default=0),
            slowest_ms=Max("p95_ms", filter=Q(hour__gt=hour)),
        )
    )
    for row in rows:
        state = states[row["connection_id"]]
        state.success_week = _success(row["of_week"], row["week_errors"])
        state.success_day = _success(row["of_day"], row["day_errors"])
        state.calls_day, state.p95_ms = row["of_day"], row["slowest_ms"]
        state.error_share = row["hour_errors"] / row["of_hour"] if row["of_hour"] else None


def _success(calls: int, errors: int) -> float | None:
    return 1 - errors / calls if calls else None


def _add_feeds(states: Mapping[int, ConnectionState]) -> None:
    by_system: dict[str, list[int]] = {}
    for key, state in states.items():
        by_system.setdefault(state.connection.system, []).append(key)
    for system, keys in by_system.items():
        source = find_feed_ages(system)
        if source is None:
            continue
        for key, newest in source(keys).items():
            states[key].newest_datum_at = newest
    live = {states[key].connection.code: states[key] for key in by_system.get(System.MCE, ())}
    for feed in feed_ages(live) if live else ():
        if feed.transport == Transport.SOCKET and feed.state:
            live[feed.source].socket = feed


def endpoint_figures(connection_id: int) -> list[dict[str, Any]]:
    """Give the endpoints of a connection with the sums of a day and the slowest hour of each."""
    day = clock.now() - dt.timedelta(days=1)
    rows = (
        CallHour.objects.filter(connection=connection_id, hour__gt=day)
        .order_by()
        .values("endpoint")
        .annotate(
            total=Sum("calls"),
            failed=Sum("errors"),
            p50=Max("p50_ms"),
            p95=Max("p95_ms"),
            p99=Max("p99_ms"),
        )
        .annotate(failed_share=F("failed") * 1.0 / F("total"))
        .order_by("endpoint")
    )
    return [dict(row) for row in rows]


def worst_first(states: Sequence[ConnectionState]) -> list[ConnectionState]:
    """Give the states with those that need somebody in front."""
    order = list(Standing)
    return sorted(states, key=lambda state: (order.index(state.standing), state.connection.name))
