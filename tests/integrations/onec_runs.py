"""Runs of a purpose done at once, as the job of one does them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.integrations.services.runs import start_run
from apps.jobs.models import Job
from apps.jobs.services import run_now

if TYPE_CHECKING:
    from apps.integrations.models import Connection, Run


def run_for(connection: Connection, purpose: str, **options: Any) -> Run:
    """Start a run, do its job in this process, and give the run as it ended."""
    run = start_run(connection, purpose, actor=None, options=options)
    assert run.job_id is not None
    run_now(Job.objects.get(pk=run.job_id))
    run.refresh_from_db()
    return run
