"""Q4, Q5: Redis and PostgreSQL killed under the operation queue."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from apps.core.outlasting import outlast_database
from benchmarks.faults import world
from benchmarks.faults.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.faults.plant import Plant, Servers
    from benchmarks.faults.rows import Size

AT_ONCE = 5
START_S = 20.0
MONTHS = 10
CREW = 40
PAGE = "/api/v1/integrations/operations/"
SERVER_ERROR, UNAVAILABLE = 500, 503


def redis_away(plant: Plant, size: Size) -> Row:
    """Q4: Redis killed, emptied and away for a minute with 1 000 queued."""
    row = Row("Q4", "Redis killed, emptied, 60 s away with 1 000 queued")
    servers = _servers_of(plant)
    count, away_s = size.of(1000, least=50), size.of(60, least=8)
    onec = plant.simulator("onec", "--people", "0", ledger=True)
    connection = world.connect(onec, max_parallel=AT_ONCE)
    people = world.hire(onec, count // MONTHS)
    onec.fault("delay", match="sendSchedule", seconds=(away_s + 20) * AT_ONCE / count)
    web = plant.web()
    plant.worker()
    plant.beat()
    keys = world.send_months(connection, people, months=MONTHS)
    world.happens(lambda: world.ended(keys) > 0, seconds=60)
    servers.redis.kill()
    statuses = list(_statuses(web, until=time.monotonic() + away_s))
    servers.start_redis()
    servers.empty_redis()
    before = world.ended(keys)
    resumed_at = time.monotonic()
    resumed = world.happens(lambda: world.ended(keys) > before or before == len(keys), seconds=10)
    resumed_s = time.monotonic() - resumed_at
    took = world.wait_for_end(keys, seconds=120)
    restarted = plant.revive()
    later = world.send_months(connection, world.hire(onec, 1, "later"))
    woken = world.wait_for_end(later, seconds=10 + START_S * bool(restarted))
    made, touched = world.documents(onec), world.touches(onec)
    row.checks = {
        "pages answer": bool(statuses) and all(0 < status < SERVER_ERROR for status in statuses),
        "work resumes within 10 s": resumed,
        "none lost": took is not None and world.states(keys) == {"completed": len(keys)},
        "none doubled": set(made.values()) == {1} and len(made) == len(keys) + 1,
        "what is new is done, too": woken is not None,
    }
    row.figures = {
        "operations": len(keys),
        "resumed_s": resumed_s,
        "restarted_by_supervisor": restarted,
        "sent_again": sum(touched.values()) - len(touched),
    }
    return row


def postgres_restarted(plant: Plant, size: Size) -> Row:
    """Q5: PostgreSQL restarted five times under load, every other time by kill -9."""
    row = Row("Q5", "PostgreSQL restarted 5 times under load")
    servers = _servers_of(plant)
    restarts = size.of(5, least=2)
    onec = plant.simulator("onec", "--people", "0", ledger=True)
    connection = world.connect(onec, max_parallel=AT_ONCE)
    people = world.hire(onec, CREW)
    onec.fault("delay", match="sendSchedule", seconds=restarts * 12 * AT_ONCE / (len(people) * MONTHS))
    web = plant.web()
    plant.worker()
    plant.beat()
    facts = [key for person in people for key in world.send_fact(connection, person)]
    keys = world.send_months(connection, people, months=MONTHS)
    world.happens(lambda: world.ended(keys) > 0, seconds=60)
    statuses: list[int] = []
    recoveries: list[float] = []
    for number in range(restarts):
        before = outlast_database(lambda: world.ended(keys))
        (servers.postgres.kill if number % 2 else servers.postgres.stop)()
        statuses += _statuses(web, until=time.monotonic() + 2)
        servers.start_postgres()
        back_at = time.monotonic()
        world.happens(
            lambda before=before: (
                outlast_database(lambda: world.ended(keys)) in range(before + 1, len(keys) + 1)
            ),  # type: ignore[misc]
            seconds=60,
        )
        recoveries.append(time.monotonic() - back_at)
    took = world.wait_for_end(keys, seconds=120)
    told = world.happens(lambda: world.is_told(facts), seconds=60)
    made, touched = world.documents(onec), world.touches(onec)
    row.checks = {
        "never a trace": bool(statuses)
        and all(status == UNAVAILABLE or 0 < status < SERVER_ERROR for status in statuses),
        "recovers within 15 s": max(recoveries) <= 15,  # noqa: PLR2004 - the promise
        "committed work kept": took is not None and world.states(keys) == {"completed": len(keys)},
        "none doubled": set(made.values()) == {1} and len(made) == len(keys),
        "every fact is done or unknown": told,
        **world.facts_held(onec, facts),
    }
    row.figures = {
        "operations": len(keys),
        "made": len(made),
        "sent_again": sum(touched.values()) - len(touched),
        "facts": dict(world.states(facts)),
        "slowest_recovery_s": max(recoveries),
    }
    return row


def _statuses(web: str, *, until: float) -> Iterator[int]:
    while time.monotonic() < until:
        yield world.status_of(web + PAGE)
        time.sleep(0.2)


def _servers_of(plant: Plant) -> Servers:
    if plant.servers is None:
        raise ValueError("This scenario kills servers: it needs some of its own.")
    return plant.servers
