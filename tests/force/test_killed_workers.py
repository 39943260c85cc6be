"""Workers killed at every point of a job and of an event: nothing lost, nothing stored twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.force.site import wait_for

if TYPE_CHECKING:
    from tests.force.site import Site

POINTS = ("claimed", "running", "heartbeat", "stored", "committed", "finishing")
OF_JOBS = "FROM jobs_job WHERE id = ANY(%s::uuid[])"
DELIVERED = """
SELECT count(*) FROM core_outboxdelivery WHERE event_id = ANY(%s::uuid[]) AND state = 'delivered'
"""


def test_a_process_killed_at_any_point_of_a_job_leaves_one_effect(site: Site) -> None:
    jobs = site.start_jobs(*[{"die_at": point, "work_s": 0.8} for point in POINTS])
    plain = site.start_jobs({"die_at": "finishing"}, kind="force.plain")
    site.wait_for_end(jobs + plain)
    assert site.states(jobs) == {"succeeded": len(POINTS)}
    assert site.effects(jobs) == dict.fromkeys(jobs, 1)
    attempts = dict(
        site.rows("SELECT params->>'die_at', attempts FROM jobs_job WHERE id = ANY(%s::uuid[])", jobs)
    )
    # What was committed is not done again, whether or not its worker lived to say so.
    assert attempts == dict.fromkeys(POINTS, 2) | {"committed": 1, "finishing": 1}
    # What does not conclude in the transaction of its data is done again rather than lost.
    assert site.effects(plain) == {plain[0]: 2}


def test_a_whole_worker_killed_while_it_runs_a_job(site: Site) -> None:
    jobs = site.start_jobs({"die_at": "running", "whole": True}, {"die_at": "committed", "whole": True})
    wait_for(lambda: sum(not worker.is_alive for worker in site.workers) == 2, what="the deaths")
    site.wait_for_end(jobs)
    assert site.effects(jobs) == dict.fromkeys(jobs, 1)


def test_a_sweeper_killed_before_and_after_its_commit(site: Site) -> None:
    marks = [site.die_once_at("sweeping"), site.die_once_at("sending")]
    jobs = site.start_jobs({"die_at": "running"})
    site.wait_for_end(jobs)
    assert not any(mark.exists() for mark in marks)
    assert site.effects(jobs) == dict.fromkeys(jobs, 1)
    assert site.value("SELECT deaths FROM jobs_job WHERE id = %s::uuid", jobs[0]) == 1


def test_a_dispatcher_killed_before_and_after_its_receiver(site: Site) -> None:
    before, after = site.die_once_at("receiving"), site.die_once_at("received")
    events = site.emit(20)
    wait_for(lambda: site.value(DELIVERED, events) == len(events), what="the deliveries")
    assert not before.exists()
    assert not after.exists()
    handovers = site.handovers(events)
    assert set(handovers) == set(events)
    # At least once: only the one whose outcome was not told is handed over again.
    assert sorted(handovers.values()) == [1] * 19 + [2]


def test_a_worker_asked_to_end_finishes_its_job(site: Site) -> None:
    jobs = site.start_jobs(*[{"work_s": 2.0}] * 3)
    wait_for(lambda: site.states(jobs) == {"running": 3}, what="the work")
    assert site.workers[0].stop() == 0
    site.wait_for_end(jobs)
    assert site.effects(jobs) == dict.fromkeys(jobs, 1)
    assert site.rows(f"SELECT attempts {OF_JOBS}", jobs) == [(1,)] * 3


def test_a_web_process_killed_after_its_commit_has_promised_the_job(site: Site) -> None:
    site.die_once_at("waking")
    jobs, answer = site.try_to_start({"die_at": "nowhere"})
    assert (jobs, answer.status) == ([], 0)
    ended = "SELECT count(*) FROM jobs_job WHERE params->>'die_at' = 'nowhere' AND state = 'succeeded'"
    wait_for(lambda: site.value(ended) == 1, what="the job")
    site.web.start()
    wait_for(lambda: site.get("/health/ready").status == 200, what="the site")
