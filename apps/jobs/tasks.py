from __future__ import annotations

from uuid import UUID

from celery import shared_task

from apps.jobs import services


@shared_task(name="jobs.run")
def run(job_id: str) -> str | None:
    """Do a job; a message about a job that is done or being done changes nothing."""
    return services.run(UUID(job_id))


@shared_task(name="jobs.sweep")
def sweep() -> None:
    """Bring back what dead workers held; beat sends it every 10 s."""
    services.sweep()


@shared_task(name="jobs.prune")
def prune() -> int:
    """Delete jobs that ended long ago; beat sends it once a day."""
    return services.prune()
