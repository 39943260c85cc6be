"""Redis killed, away, and emptied with much in the queue: the rows are the truth, so nothing is lost."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from tests.force.site import wait_for

if TYPE_CHECKING:
    from tests.force.site import Site

QUEUED = 60
WORK_S = 0.05
AWAY_S = 6.0
LONG_WORK_S = 6.0
PATIENCE_S = 8.0  # of a person who asks for work; without time-outs the answer never comes


def test_redis_is_killed_and_stays_away(site: Site) -> None:
    jobs = site.start_jobs(*[{"work_s": WORK_S}] * QUEUED)
    site.redis.kill()
    back_at = time.monotonic() + AWAY_S
    answers = []
    asked = events = None
    while time.monotonic() < back_at:
        answers.append(site.get("/api/v1/jobs/").status)
        if asked is None:  # work is taken on meanwhile
            asked, events = site.start_jobs(*[{}] * 10), site.emit(10)
        time.sleep(0.2)
    assert set(answers) == {200}
    assert asked is not None
    assert events is not None
    site.start_redis()
    site.wait_for_end(jobs + asked)
    wait_for(lambda: len(site.handovers(events)) == len(events), what="the events")
    assert site.states(jobs + asked) == {"succeeded": QUEUED + 10}
    assert site.effects(jobs + asked) == dict.fromkeys(jobs + asked, 1)
    assert site.handovers(events) == dict.fromkeys(events, 1)
    assert all(process.is_alive for process in site.processes)  # nobody was started again


def test_work_in_hand_outlasts_redis(site: Site) -> None:
    jobs = site.start_jobs(*[{"work_s": LONG_WORK_S}] * len(site.workers))
    wait_for(lambda: site.states(jobs) == {"running": len(jobs)}, what="the work")
    site.redis.kill()
    time.sleep(2)
    site.start_redis()
    site.wait_for_end(jobs)
    later = site.start_jobs(*[{}] * 6)
    site.wait_for_end(later)
    assert site.effects(jobs + later) == dict.fromkeys(jobs + later, 1)
    assert all(process.is_alive for process in site.processes)


def test_redis_is_emptied_under_the_workers(site: Site) -> None:
    jobs = site.start_jobs(*[{"work_s": WORK_S}] * QUEUED)
    wait_for(lambda: site.count_ended(jobs) > 3, what="the beginning")
    events = site.emit(10)
    site.empty_redis()
    site.wait_for_end(jobs)
    wait_for(lambda: len(site.handovers(events)) == len(events), what="the events")
    assert site.states(jobs) == {"succeeded": QUEUED}
    assert site.effects(jobs) == dict.fromkeys(jobs, 1)
    assert site.handovers(events) == dict.fromkeys(events, 1)
    assert all(process.is_alive for process in site.processes)


def test_redis_hangs_without_dying(site: Site) -> None:
    jobs = site.start_jobs(*[{"work_s": WORK_S}] * QUEUED)
    site.redis.send(signal.SIGSTOP)
    try:
        hangs_at = time.monotonic()
        asked, events = site.start_jobs(*[{}] * 10), site.emit(10)
        assert time.monotonic() - hangs_at < PATIENCE_S
        assert {site.get(path).status for path in ("/api/v1/jobs/", "/jobs/")} == {200}
        time.sleep(max(0.0, hangs_at + AWAY_S - time.monotonic()))
    finally:
        site.redis.send(signal.SIGCONT)
    site.wait_for_end(jobs + asked)
    wait_for(lambda: len(site.handovers(events)) == len(events), what="the events")
    assert site.states(jobs + asked) == {"succeeded": QUEUED + 10}
    assert site.effects(jobs + asked) == dict.fromkeys(jobs + asked, 1)
    assert all(process.is_alive for process in site.processes)  # nobody was started again
