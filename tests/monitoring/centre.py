"""A contact centre's messages for tests, and the history that came of them."""

from __future__ import annotations

import datetime as dt
from itertools import count

from apps.core import clock
from apps.monitoring.models import AgentStateInterval, CurrentState
from apps.monitoring.types import StateChange, StateSpan

_numbers = count(1)
START = clock.now().replace(microsecond=0) - dt.timedelta(hours=6)

History = list[tuple[str, float, float | None]]


def new_source() -> str:
    return f"centre-{next(_numbers)}"


def at(second: float) -> dt.datetime:
    return START + dt.timedelta(seconds=second)


def enter(second: float, code: str, agent: str = "7") -> StateChange:
    return StateChange(agent, code, code.title(), at(second), entered=True)


def leave(second: float, code: str, agent: str = "7") -> StateChange:
    return StateChange(agent, code, code.title(), at(second), entered=False)


def span(start: float, end: float | None, code: str, agent: str = "7") -> StateSpan:
    return StateSpan(agent, code, code.title(), at(start), None if end is None else at(end))


def history(source: str, agent: str = "7") -> History:
    """Give the stored history of an agent: code, start and end in seconds after `START`."""
    rows = AgentStateInterval.objects.filter(agent__source__code=source, agent__external_id=agent)
    return [
        (
            row.status.code,
            (row.start - START).total_seconds(),
            None if row.end is None else (row.end - START).total_seconds(),
        )
        for row in rows.select_related("status").order_by("start")
    ]


def current(source: str, agent: str = "7") -> tuple[str | None, float]:
    """Give the stored state of an agent, and since which second after `START`."""
    row = CurrentState.objects.select_related("status").get(
        agent__source__code=source, agent__external_id=agent
    )
    return row.status.code if row.status else None, (row.since - START).total_seconds()
