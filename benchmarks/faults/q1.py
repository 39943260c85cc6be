"""Q1: a worker killed at every crash point of a send."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db.models.functions import Now

from apps.integrations.models import Operation
from apps.integrations.services.queue import leases
from benchmarks.faults import world
from benchmarks.faults.plant import is_killed
from benchmarks.faults.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.faults.plant import Plant
    from benchmarks.faults.rows import Size

POINTS = (
    "after_claim",
    "request_half_sent",
    "answer_unread",
    "before_commit",
    "before_ack",
    "at_heartbeat",
    "in_reaper",
)
STUCK_S = 70.0
SETTLED_S = 480.0  # 1C is asked at once and after 30, 120 and 300 s; then a person is
START_S = 8.0
LONG_CALL_S = 12.0


def killed_at_every_point(plant: Plant, size: Size) -> Row:
    """Kill at each point while a schedule is sent; one effect, nothing stuck."""
    row = Row("Q1", "kill -9 at every crash point, sendSchedule")
    onec = plant.simulator("onec", "--people", "0", ledger=True)
    connection = world.connect(onec)
    points = POINTS[: size.of(len(POINTS), least=2)]
    slowest = 0.0
    for point in points:
        person = world.hire(onec, 1, point)
        if point == "at_heartbeat":
            onec.fault("delay", match="sendSchedule", times=1, seconds=size.seconds(LONG_CALL_S))
        died, keys = _die_at(plant, size, point, partial(world.send_months, connection, person))
        healthy = plant.drainer(f"healthy-{point}")
        took = world.wait_for_end(keys, seconds=size.seconds(STUCK_S, start_s=START_S))
        slowest = max(slowest, took or 0.0)
        effects = world.documents(onec)[f"{point}-0/{world.this_month():%Y-%m}"]
        row.checks |= {
            f"dies at {point}": died,
            f"completed after {point}": took is not None and world.states(keys) == {"completed": 1},
            f"one effect after {point}": effects == 1,
        }
        plant.end(healthy)
    row.figures = {"points": len(points), "slowest_s": slowest}
    return row


def facts_killed_at_every_point(plant: Plant, size: Size) -> Row:
    """Kill at each point while a fact is sent: no document or one, never two, and nothing stuck."""
    row = Row("Q1F", "kill -9 at every crash point, sendFactWorkTime")
    onec = plant.simulator("onec", "--people", "0", ledger=True)
    connection = world.connect(onec)
    points = POINTS[: size.of(len(POINTS), least=2)]
    outcomes: list[str] = []
    for point in points:
        (person,) = world.hire(onec, 1, f"fact-{point}")
        if point == "at_heartbeat":
            onec.fault("delay", match="sendFactWorkTime", times=1, seconds=size.seconds(LONG_CALL_S))
        died, keys = _die_at(plant, size, point, partial(world.send_fact, connection, person))
        healthy = plant.drainer(f"healthy-fact-{point}")
        told = world.happens(partial(world.is_told, keys), seconds=size.seconds(STUCK_S, start_s=START_S))
        world.wait_for_end(keys, seconds=size.seconds(SETTLED_S, start_s=START_S))
        made = [one for one in onec.ledger("fact_document") if one["agent_id"] == f"fact-{point}-0"]
        state = Operation.objects.get(pk=keys[0]).state
        outcomes.append(f"{point}: {state}, {len(made)}")
        row.checks |= {
            f"dies at {point}": died,
            f"not stuck after {point} (was {state})": told,
            f"one document at most after {point}": len(made) <= 1,
            f"completed means one after {point}": state != "completed" or len(made) == 1,
        }
        plant.end(healthy)
    row.figures = {"outcomes": outcomes}
    return row


def _die_at(
    plant: Plant, size: Size, point: str, queue_it: Callable[[], list[int]]
) -> tuple[bool, list[int]]:
    """Queue work and let a worker die at the point; the reaper with what another left behind."""
    keys: list[int] = []
    died = True
    if point == "in_reaper":
        victim = plant.drainer("left-behind", crash_at="after_claim")
        keys = queue_it()
        died = world.happens(lambda: is_killed(victim), seconds=size.seconds(STUCK_S, start_s=START_S))
        died &= world.happens(lambda: _is_doubted_out(keys), seconds=size.seconds(STUCK_S))
    victim = plant.drainer(f"victim-{point}", crash_at=point)
    keys = keys or queue_it()
    died &= world.happens(lambda: is_killed(victim), seconds=size.seconds(STUCK_S, start_s=START_S))
    plant.end(victim)
    return died, keys


def _is_doubted_out(keys: Sequence[int]) -> bool:
    """Doubt what is over; tell whether the doubt is over, too, so that the next reaper takes it."""
    doubted = Operation.objects.filter(pk__in=keys, doubted=True)
    if not doubted.exists():
        leases.reap()
    return doubted.filter(lease_until__lt=Now()).exists()
