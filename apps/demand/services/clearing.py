"""Taking the history of a queue out, so that another can take its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max, Min

from apps.accounts.policies import Capability, require
from apps.audit.services import record
from apps.core.locks import advisory_lock
from apps.demand.models import IntervalHistory
from apps.demand.services.loading import HISTORY_LOCK
from apps.organization.selectors import queue_by_id

if TYPE_CHECKING:
    from apps.accounts.models import User


@transaction.atomic
def clear_history(*, queue_id: int, actor: User | None) -> int:
    """Delete every interval of a queue's own history and give their number; its imports stay as a record.

    It waits for an import of the queue that is being written. An aggregated queue has no history of its own:
    that of its members stays.

    Raises
    ------
    NotAllowedError
        The actor may not import history; no actor is the system itself.
    NotFoundError
        There is no such queue.

    """
    require(actor, Capability.IMPORT_HISTORY)
    queue = queue_by_id(queue_id)
    advisory_lock(HISTORY_LOCK.format(queue_id))
    held = IntervalHistory.objects.filter(queue=queue)
    span = held.aggregate(first=Min("start"), last=Max("start"))
    deleted, _ = held.delete()
    if deleted:
        before = {
            "rows": deleted,
            "first_start": span["first"].isoformat(),
            "last_start": span["last"].isoformat(),
        }
        record(action="demand.clear_history", obj=queue, actor=actor, before=before)
    return deleted
