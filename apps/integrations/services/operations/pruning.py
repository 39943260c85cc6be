from __future__ import annotations

import datetime as dt

from django.conf import settings

from apps.core import clock
from apps.integrations.choices import OperationState
from apps.integrations.models import Operation

BATCH = 1000
MOST_BATCHES = 500  # the rest is for the next night
ENDED = (OperationState.COMPLETED, OperationState.CANCELLED, OperationState.FAILED)


def prune() -> int:
    """Delete operations that ended more than `OPERATIONS_KEPT_DAYS` ago, with their attempts; give how many.

    In short transactions. One whose outcome is unknown stays until a person has decided.
    """
    if settings.OPERATIONS_KEPT_DAYS <= 0:
        return 0
    before = clock.now() - dt.timedelta(days=settings.OPERATIONS_KEPT_DAYS)
    old = Operation.objects.filter(finished_at__lt=before, state__in=ENDED).order_by("finished_at")
    deleted = 0
    for _batch in range(MOST_BATCHES):
        keys = list(old.values_list("pk", flat=True)[:BATCH])
        Operation.objects.filter(pk__in=keys).delete()
        deleted += len(keys)
        if len(keys) < BATCH:
            break
    return deleted
