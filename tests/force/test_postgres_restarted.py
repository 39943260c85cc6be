"""PostgreSQL restarted, softly and by force, again and again under load."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.force.site import wait_for
from tests.force.visitors import Visitors

if TYPE_CHECKING:
    from tests.force.site import Site

TRACES = (b"Traceback", b"psycopg", b"django")


def test_postgres_is_restarted_under_load(site: Site) -> None:
    long = site.start_jobs({"work_s": 8.0})
    with Visitors(site) as visitors:
        for take_away in (site.postgres.stop, site.postgres.kill):
            visitors.wait_for_promises()
            take_away()
            visitors.wait_for_refusals()
            site.start_postgres()
            wait_for(lambda: site.get("/jobs/").status == HTTPStatus.OK, what="the recovery")
    assert {answer.status for answer in visitors.answers} == {HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE}
    assert {answer.kind for answer in visitors.refusals} == {"text/html", "application/problem+json"}
    assert not any(trace in answer.body for answer in visitors.refusals for trace in TRACES)
    jobs = visitors.promised + long
    site.wait_for_end(jobs)
    assert site.states(jobs) == {"succeeded": len(jobs)}  # what was promised was kept
    assert site.effects(jobs) == dict.fromkeys(jobs, 1)
    assert all(process.is_alive for process in site.processes)  # nobody was started again
