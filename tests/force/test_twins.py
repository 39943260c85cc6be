"""Two beats, two sweepers, three workers: each tick, each job and each event once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.force.site import wait_for

if TYPE_CHECKING:
    from tests.force.site import Site

SENT = "SELECT total_run_count FROM django_celery_beat_periodictask WHERE name = 'force.tick'"


def ticks(site: Site) -> int:
    return int(site.value("SELECT count(*) FROM force_tick"))


def test_two_beats_send_each_tick_once(site: Site) -> None:
    first, sent_first = ticks(site), site.value(SENT)
    begin = site.value("SELECT max(at) FROM force_tick")
    wait_for(lambda: site.value(SENT) >= sent_first + 5, what="five ticks")
    elapsed = float(site.value("SELECT max(at) FROM force_tick")) - begin
    assert ticks(site) - first <= elapsed + 2  # one a second, not two
    site.beats[0].kill()
    sent = site.value(SENT)
    wait_for(lambda: site.value(SENT) >= sent + 3, what="the ticks of the other beat")
    site.beats[0].start()
    wait_for(lambda: ticks(site) - first >= sent + 3 - sent_first, what="the ticks' arrival")
    assert ticks(site) - first <= site.value(SENT) - sent_first


def test_sweepers_at_once_bring_a_job_back_once(site: Site) -> None:
    jobs = site.start_jobs(*[{"die_at": "running"}] * 6)
    claimed = "SELECT count(*) FROM jobs_job WHERE id = ANY(%s::uuid[]) AND attempts > 0"
    wait_for(lambda: site.value(claimed, jobs) == len(jobs), what="the deaths")
    swept = site.post("/force/sweep/", {"count": 30})
    assert swept.status == 200
    site.wait_for_end(jobs)
    assert site.effects(jobs) == dict.fromkeys(jobs, 1)
    counts = "SELECT DISTINCT attempts, deaths FROM jobs_job WHERE id = ANY(%s::uuid[])"
    assert site.rows(counts, jobs) == [(2, 1)]


def test_three_workers_do_each_job_and_each_event_once(site: Site) -> None:
    jobs, events = site.start_jobs(*[{}] * 100), site.emit(100)
    site.wait_for_end(jobs)
    wait_for(lambda: len(site.handovers(events)) == len(events), what="the events")
    assert site.effects(jobs) == dict.fromkeys(jobs, 1)
    assert site.handovers(events) == dict.fromkeys(events, 1)
    workers = "SELECT count(DISTINCT worker) FROM jobs_job WHERE id = ANY(%s::uuid[])"
    assert site.value(workers, jobs) > 1
