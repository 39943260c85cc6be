from __future__ import annotations

from typing import Any

from celery import shared_task, signals
from django.utils.translation import gettext_lazy as _

from apps.accounts.selectors import acting_user
from apps.core.dispatch import enqueue
from apps.integrations.services import (
    call_figures,
    health,
    operations,
    personnel,
    queue,
    runs,
    schedule_sends,
    schedules,
    testing,
    webhooks,
)
from apps.integrations.services.argus import requesting as argus
from apps.integrations.services.centre import polling
from apps.jobs.registry import JobContext, job_handler


@shared_task(name=operations.WORK_TASK)
def work() -> int:
    """Do the operations that are due; woken on commit and by the sweep."""
    return queue.drain()


@shared_task(name="integrations.sweep")
def sweep() -> int:
    """Give back what dead workers held and wake a worker for what is due; beat sends it every 5 s."""
    reaped = queue.reap()
    if queue.any_claimable():
        enqueue(operations.WORK_TASK, queue="operations")
    return reaped


@shared_task(name="integrations.prune_operations")
def prune_operations() -> int:
    """Delete operations that ended long ago; beat sends it once a day."""
    return operations.prune()


@signals.worker_shutting_down.connect
def stop_taking(**_kwargs: Any) -> None:
    """Let the drains of this worker take nothing more; Celery waits for what they have in hand."""
    queue.ask_to_stop()


@job_handler(
    argus.IMPORT_KIND, label=_("Argus import"), repeat=argus.repeat_import, repeatable=argus.is_file_kept
)
def import_argus(context: JobContext) -> None:
    """Import a kept table of Argus."""
    argus.import_upload(job=context, actor=acting_user(context.actor_id))


@shared_task(name="integrations.drop_argus_uploads")
def drop_argus_uploads() -> None:
    """Drop files of imports that came to nothing; beat sends it once a day."""
    argus.drop_expired_uploads()


@job_handler(runs.RUN_KIND, label=_("Exchange with another system"), repeat=runs.repeat_run)
def run_exchange(context: JobContext) -> None:
    """Run a connection for a purpose."""
    runs.do_run(context)


@shared_task(name="integrations.start_due_runs")
def start_due_runs() -> int:
    """Start the runs that are due and end those that were left behind; beat sends it every 20 s."""
    runs.close_left_behind()
    return schedules.start_due()


@job_handler(personnel.APPLY_JOB, label=_("Changes of people"))
def apply_personnel(context: JobContext) -> None:
    """Apply a plan of changes of people that somebody approved."""
    personnel.do_apply(context, actor=acting_user(context.actor_id))


@shared_task(name="integrations.keep_up_webhooks")
def keep_up_webhooks() -> int:
    """Pause dead endpoints and forget secrets that ended; beat sends it every ten minutes."""
    return webhooks.keep_up()


@shared_task(name="integrations.poll_centres")
def poll_centres() -> int:
    """Send for the contact centres whose turn it is to be asked; beat sends it every 5 s."""
    due = polling.due_connections()
    for connection_id in due:
        enqueue(polling.POLL_TASK, connection_id, queue="integrate")
    return len(due)


@shared_task(name=polling.POLL_TASK)
def poll_centre(connection_id: int) -> None:
    """Ask a contact centre for its present."""
    polling.poll(connection_id)


@shared_task(name="integrations.look_at_connections")
def look_at_connections() -> int:
    """Look at every active connection and sum up the calls; beat sends it every minute."""
    looked = health.look_at_all()
    call_figures.sum_up()
    return looked


@shared_task(name="integrations.prune_calls")
def prune_calls() -> int:
    """Delete old calls and their sums; beat sends it every hour."""
    return call_figures.prune_calls()


@job_handler(
    schedule_sends.CHANGE_KIND, label=_("Changed schedules to 1C"), repeat=schedule_sends.repeat_changed
)
def queue_changed_schedules(context: JobContext) -> None:
    """Queue what a publication changed of many people's months."""
    schedule_sends.queue_changed(context)


@job_handler(testing.TEST_KIND, label=_("Test of a connection"))
def test_connection(context: JobContext) -> None:
    """Test a connection and lead to its page, which shows what was found."""
    testing.do_test(context)
