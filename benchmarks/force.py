"""`python -m benchmarks force`: the faults that jobs and events survive, at full size, and what they cost.

A site of its own (PostgreSQL, Redis, web, three workers, two beats, at the pace of production) is hurt in
turn: random `kill -9` of workers, Redis away and emptied with much queued, PostgreSQL restarted under load.
Each line tells what was asked, lost and done twice, and how soon work went on.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.report import print_table, write_json
from tests.force.site import open_site, wait_for
from tests.force.visitors import Visitors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.force.site import Site

PATIENCE_S = 600.0
KILL_EVERY_S = 5.0


def main(argv: list[str]) -> int:
    """Run the faults and return 1 when anything was lost or done twice."""
    options = _options(argv)
    rows = []
    rng = random.Random(options.seed)  # noqa: S311 - it chooses a victim
    with open_site(quick=False) as site:
        rows.append(_kill_workers(site, options.jobs, options.kill_s, rng))
        rows.append(_take_redis_away(site, options.jobs, options.away_s))
        rows.append(_empty_redis(site, options.jobs))
        rows.append(_restart_postgres(site, options.restarts))
    print_table("Jobs and events under force", rows)
    write_json(options.json, {"benchmark": "force", "options": vars(options), "rows": rows})
    return 1 if any(row["lost"] or row["twice"] for row in rows) else 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks force", description=__doc__)
    parser.add_argument("--jobs", type=int, default=1000, help="queued before each fault (1000)")
    parser.add_argument("--away-s", type=float, default=60.0, help="how long Redis stays away (60)")
    parser.add_argument("--kill-s", type=float, default=180.0, help="how long workers are killed (180)")
    parser.add_argument("--restarts", type=int, default=5, help="of PostgreSQL (5)")
    parser.add_argument("--seed", type=int, default=7, help="of the choice whom to kill (7)")
    parser.add_argument("--json", type=Path, help="write the figures there")
    return parser.parse_args(argv)


def _kill_workers(site: Site, count: int, seconds: float, rng: random.Random) -> dict[str, Any]:
    work_s = seconds / count * len(site.workers) * 0.8  # so that work lasts about as long as the killing
    jobs, events = site.start_jobs(*[{"work_s": work_s}] * count), site.emit(count)
    begun = time.monotonic()
    kills = 0
    while time.monotonic() - begun < seconds:
        time.sleep(KILL_EVERY_S)
        rng.choice(site.workers).kill()
        kills += 1
        site.revive()
    drained = _wait(site, jobs, events)
    row = _row(f"{kills} x kill -9 of a worker", site, jobs, events)
    return row | {"drained_s": drained}


def _take_redis_away(site: Site, count: int, seconds: float) -> dict[str, Any]:
    jobs, events = site.start_jobs(*[{"work_s": 0.02}] * count), site.emit(count)
    site.redis.kill()
    back_at = time.monotonic() + seconds
    slowest = 0.0
    refused = 0
    while time.monotonic() < back_at:
        asked_at = time.monotonic()
        refused += site.get("/api/v1/jobs/").status != 200  # noqa: PLR2004 - HTTP
        slowest = max(slowest, time.monotonic() - asked_at)
        time.sleep(0.2)
    before = site.count_ended(jobs)
    site.start_redis()
    resumed = _seconds_until_more(site, jobs, before)
    drained = _wait(site, jobs, events)
    row = _row(f"Redis away for {seconds:.0f} s", site, jobs, events)
    return row | {"resumed_s": resumed, "drained_s": drained, "refused": refused, "slowest_page_s": slowest}


def _empty_redis(site: Site, count: int) -> dict[str, Any]:
    jobs, events = site.start_jobs(*[{"work_s": 0.02}] * count), site.emit(count)
    site.empty_redis()
    resumed = _seconds_until_more(site, jobs, site.count_ended(jobs))
    drained = _wait(site, jobs, events)
    return _row("Redis emptied", site, jobs, events) | {"resumed_s": resumed, "drained_s": drained}


def _restart_postgres(site: Site, restarts: int) -> dict[str, Any]:
    recoveries = []
    with Visitors(site) as visitors:
        for number in range(restarts):
            visitors.wait_for_promises()
            (site.postgres.kill if number % 2 else site.postgres.stop)()
            visitors.wait_for_refusals()
            site.start_postgres()
            back_at = time.monotonic()
            visitors.wait_for_promises(1)
            recoveries.append(time.monotonic() - back_at)
    drained = _wait(site, visitors.promised, [])
    row = _row(f"{restarts} x PostgreSQL restarted", site, visitors.promised, [])
    return row | {"resumed_s": max(recoveries), "drained_s": drained, "refused": len(visitors.refusals)}


def _seconds_until_more(site: Site, jobs: Sequence[str], before: int) -> float:
    begun = time.monotonic()
    wait_for(lambda: site.count_ended(jobs) > before or before == len(jobs), seconds=PATIENCE_S)
    return time.monotonic() - begun


def _wait(site: Site, jobs: Sequence[str], events: Sequence[str]) -> float:
    begun = time.monotonic()
    site.wait_for_end(jobs, seconds=PATIENCE_S)
    wait_for(lambda: len(site.handovers(events)) == len(events), seconds=PATIENCE_S, what="the events")
    return time.monotonic() - begun


def _row(fault: str, site: Site, jobs: Sequence[str], events: Sequence[str]) -> dict[str, Any]:
    effects, handovers = site.effects(jobs), site.handovers(events)
    return {
        "fault": fault,
        "asked": len(jobs) + len(events),
        "lost": len(jobs) - site.states(jobs).get("succeeded", 0) + len(events) - len(handovers),
        "twice": sum(count > 1 for count in effects.values()),
        "events_again": sum(count > 1 for count in handovers.values()),
        "resumed_s": None,
        "drained_s": None,
        "refused": None,
        "slowest_page_s": None,
    }
