"""Q2, Q3, Q6, Q7, Q8: the queue with its workers killed, asked to end, doubled, crowded, refused."""

from __future__ import annotations

import os
import random
import signal
import time
from itertools import pairwise
from typing import TYPE_CHECKING

from django.db.models import F, Max
from django_celery_beat.models import PeriodicTask

from apps.core.models import OutboxEvent
from apps.integrations.models import Attempt
from benchmarks.faults import world
from benchmarks.faults.rows import Row

if TYPE_CHECKING:
    from benchmarks.faults.plant import Plant
    from benchmarks.faults.rows import Size
    from tests.force.site import Process

START_S = 15.0  # workers of Celery on a busy machine
AT_ONCE = 5
MONTHS = 10


def killed_at_random(plant: Plant, size: Size) -> Row:
    """Q2: 1 000 operations, a random kill -9 every five seconds for three minutes."""
    row = Row("Q2", "1 000 operations, random kill -9 every 5 s")
    count, seconds = size.of(1000, least=50), size.of(180, least=15)
    onec = plant.simulator("onec", "--people", "0", ledger=True)
    connection = world.connect(onec, max_parallel=AT_ONCE)
    people = world.hire(onec, count // MONTHS)
    onec.fault("delay", match="sendSchedule", seconds=seconds * 0.8 * AT_ONCE / count)
    workers = [plant.worker(number) for number in range(3)]
    plant.beat()
    chance = random.Random(7)  # noqa: S311 - it chooses a victim
    keys = world.send_months(connection, people, months=MONTHS)
    kills = 0
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        time.sleep(5)
        victim = chance.choice(workers)
        _kill_all_of(victim)
        kills += 1
        victim.start()
    took = world.wait_for_end(keys, seconds=120 + START_S)
    made, touched = world.documents(onec), world.touches(onec)
    row.checks = {
        "drained within 120 s": took is not None,
        "none lost": world.states(keys) == {"completed": len(keys)} and len(made) == len(keys),
        "none doubled": set(made.values()) == {1},
        "never more than 5 at once": onec.state()["most_in_work"] <= AT_ONCE + kills * AT_ONCE,
    }
    row.figures = {
        "operations": len(keys),
        "kills": kills,
        "drained_s": took,
        "sent_again": sum(touched.values()) - len(touched),
    }
    return row


def asked_to_end(plant: Plant, size: Size) -> Row:
    """Q3: SIGTERM with five in flight."""
    row = Row("Q3", "SIGTERM with 5 in flight")
    onec = plant.simulator("onec", "--people", "0", ledger=True)
    connection = world.connect(onec, max_parallel=AT_ONCE)
    people = world.hire(onec, 2 * AT_ONCE)
    onec.fault("delay", match="sendSchedule", seconds=max(2.0, size.seconds(20)))
    worker = plant.worker()
    keys = world.send_months(connection, people)
    plant.beat()
    in_flight = world.happens(lambda: onec.state()["in_work"] == AT_ONCE, seconds=60)
    begun = time.monotonic()
    code = worker.stop(seconds=60)
    took = time.monotonic() - begun
    completed = world.states(keys)["completed"]
    onec.clear_faults()
    plant.worker(1)
    ended = world.wait_for_end(keys, seconds=60 + START_S)
    row.checks = {
        "five were in flight": in_flight,
        "exit 0": code == 0,
        "within 30 s": took <= 30,  # noqa: PLR2004 - the promise
        "they finished": completed == AT_ONCE,
        "the rest is done by another": ended is not None and world.states(keys)["completed"] == len(keys),
        "nothing is sent again": set(world.touches(onec).values()) == {1},
    }
    row.figures = {"exit_code": code, "ended_s": took}
    return row


def doubled(plant: Plant, size: Size) -> Row:
    """Q6: two beats, two reapers (each beat sends sweeps to every worker), three workers."""
    row = Row("Q6", "two beats, two reapers, three workers")
    count = size.of(400, least=60)
    onec = plant.simulator("onec", "--people", "0", ledger=True)
    connections = [world.connect(onec, max_parallel=AT_ONCE) for _ in range(4)]
    for number in range(3):
        plant.worker(number)
    for number in range(2):
        plant.beat(number)
    for number in range(2):
        plant.drainer(f"reaper{number}")
    sweep = PeriodicTask.objects.filter(name="integrations.sweep")
    world.happens(sweep.exists, seconds=60)
    before, begun = sweep.get().total_run_count, time.monotonic()
    people = world.hire(onec, count // len(connections))
    keys = [key for one in connections for key in world.send_months(one, people)]
    facts = [key for person in people for key in world.send_fact(connections[0], person)]
    took = world.wait_for_end([*keys, *facts], seconds=120)
    time.sleep(5)
    ticks, elapsed = sweep.get().total_run_count - before, time.monotonic() - begun
    begun_often, lost = world.sendings(keys)
    sent = sum(world.touches(onec).values())
    every_s = max(1.0, 5 / plant.pace)
    row.checks = {
        "all done": took is not None and world.states(keys) == {"completed": len(keys)},
        "each once, but for leases that were lost": begun_often == len(keys) + lost and sent <= begun_often,
        "one document of each": set(world.documents(onec).values()) == {1}
        and len(world.documents(onec)) == len(people),
        **world.facts_held(onec, facts),
        "each tick once": 0 < ticks <= elapsed / every_s + 2,
    }
    row.figures = {
        "operations": len(keys),
        "ticks": ticks,
        "elapsed_s": elapsed,
        "done_s": took,
        "leases_lost": lost,
        "sent": sent,
        "facts": dict(world.states(facts)),
    }
    return row


def crowded(plant: Plant, size: Size) -> Row:
    """Q7: 2 000 of priority 5, then 10 of priority 1."""
    row = Row("Q7", "2 000 of priority 5, then 10 of priority 1")
    count = size.of(2000, least=200)
    onec = plant.simulator("onec", "--people", "0")
    connection = world.connect(onec, max_parallel=AT_ONCE)
    people = world.hire(onec, max(10, count // MONTHS))
    onec.fault("delay", match="sendSchedule", seconds=0.1)
    late = world.send_months(connection, people, months=MONTHS, priority=5)
    plant.worker()
    plant.beat()
    world.happens(lambda: world.states(late)["completed"] > count // 20, seconds=60)
    others = world.hire(onec, 10, "urgent")
    urgent = world.send_months(connection, others, priority=1)
    world.wait_for_end(urgent, seconds=60)
    waits = Attempt.objects.filter(operation__in=urgent, number=1).aggregate(
        most=Max(F("began_at") - F("operation__created_at"))
    )["most"]
    still = world.states(late)["pending"]
    took = world.wait_for_end(late, seconds=count * 0.1 / AT_ONCE * 3 + 60)
    row.checks = {
        "priority 1 starts within 6 s": waits is not None and waits.total_seconds() <= 6,  # noqa: PLR2004
        "others waited meanwhile": still > 0,
        "never more than 5 at once": onec.state()["most_in_work"] <= AT_ONCE,
        "nothing starves": took is not None and world.states(late) == {"completed": len(late)},
    }
    row.figures = {
        "operations": len(late) + len(urgent),
        "slowest_start_s": waits.total_seconds() if waits else None,
        "most_at_once": onec.state()["most_in_work"],
    }
    return row


def retry_clock(plant: Plant, size: Size) -> Row:
    """Q8: attempts at 0, 30, 150 and 450 s, then failed and an alert."""
    row = Row("Q8", "retry clock: 0, 30, 150, 450 s")
    onec = plant.simulator("onec", "--people", "0")
    connection = world.connect(onec)
    onec.fault("status", match="sendSchedule", status=503)
    plant.worker()
    plant.beat()
    (key,) = world.send_months(connection, world.hire(onec, 1))
    took = world.wait_for_end([key], seconds=size.seconds(450, start_s=60))
    began = list(Attempt.objects.filter(operation=key).order_by("number").values_list("began_at", flat=True))
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(began)]
    wanted = [size.seconds(pause) for pause in (30, 120, 300)]
    sweep_s = max(1.0, 5 / plant.pace)
    row.checks = {
        "four attempts": len(began) == 4,  # noqa: PLR2004 - one and three retries
        "at their times": len(pauses) == len(wanted)
        and all(pause <= found <= pause + sweep_s + 1 for pause, found in zip(wanted, pauses, strict=True)),
        "then failed": took is not None and world.states([key]) == {"failed": 1},
        "and an alert": OutboxEvent.objects.filter(type="operation.failed", aggregate_id=str(key)).exists(),
    }
    row.figures = {"pauses_s": [round(pause, 1) for pause in pauses]}
    return row


def _kill_all_of(process: Process) -> None:
    """Kill a worker with the processes it forked, as the power cut of a machine does."""
    if process.running is not None:
        os.killpg(process.running.pid, signal.SIGKILL)
        process.running.wait()
