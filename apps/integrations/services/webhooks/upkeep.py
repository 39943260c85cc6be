"""What time brings: endpoints that fail for days are paused, earlier secrets end."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_noop

from apps.core import clock
from apps.core.phrases import Phrase
from apps.integrations.choices import OperationState
from apps.integrations.models import Credential, Operation, WebhookEndpoint
from apps.integrations.services.webhooks.endpoints import cancel_waiting, pause_endpoint

if TYPE_CHECKING:
    from django.db.models import QuerySet

RECENT = dt.timedelta(days=1)
PAUSED_AFTER = dt.timedelta(days=5)
FAILED_FOR_DAYS = gettext_noop("Paused: nothing was delivered for %(days)s days.")


def keep_up() -> int:
    """Pause what has failed for five days, forget secrets that ended; give how many were paused."""
    now = clock.now()
    open_ones = WebhookEndpoint.objects.filter(closed_at=None)
    ended = open_ones.filter(old_secret_until__lte=now)
    with transaction.atomic():
        Credential.objects.filter(connection__webhook__in=ended.values("pk"), name="old_secret").delete()
        ended.update(old_secret_until=None)
    # One that was on its way when its endpoint was closed, and failed, would wait for ever.
    cancel_waiting(WebhookEndpoint.objects.exclude(closed_at=None))
    dead = open_ones.filter(Exists(_tried(now)), failing_since__lte=now - PAUSED_AFTER, paused_at=None)
    reason = Phrase(FAILED_FOR_DAYS, {"days": PAUSED_AFTER.days})
    paused = [
        pause_endpoint(key, actor=None, reason=reason) for key in list(dead.values_list("pk", flat=True))
    ]
    return len(paused)


def _tried(now: dt.datetime) -> QuerySet[Operation]:
    """Give what is or was being delivered of late: an endpoint nobody sends to has not failed for days."""
    theirs = Operation.objects.filter(connection=OuterRef("connection"))
    return theirs.filter(Q(state=OperationState.PENDING) | Q(finished_at__gte=now - RECENT))
