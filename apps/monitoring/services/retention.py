"""What contact centres told and has grown too old leaves, by whole months."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.db import OperationalError, transaction

from apps.audit.services import record_about
from apps.core import clock
from apps.core.partitions import drop_months, months_earlier, partitioned_models
from apps.monitoring.models import ChatWork

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import Model

log = structlog.get_logger(__name__)


def drop_expired() -> list[str]:
    """Drop the months beyond the last `MONITORING_KEPT_MONTHS` whole ones and give them; 0 keeps everything.

    Each stands in the audit. A table that is in use waits for the next night.
    """
    kept: int = settings.MONITORING_KEPT_MONTHS
    if not kept:
        return []
    before = months_earlier(clock.now(), kept)
    dropped: list[str] = []
    for model in partitioned_models():
        if model._meta.app_label == "monitoring":  # noqa: SLF001 - Django's documented model API
            dropped += _drop(model, before, kept)
    days, _rows = ChatWork.objects.filter(day__lt=before.date()).delete()
    if dropped or days:
        log.info("monitoring_dropped", partitions=dropped, chat_days=days)
    return dropped


def _drop(model: type[Model], before: dt.datetime, kept_months: int) -> list[str]:
    try:
        with transaction.atomic():
            dropped = drop_months(model, before)
            for partition in dropped:
                record_about(
                    action="monitoring.dropped",
                    object_type=model._meta.label_lower,  # noqa: SLF001 - Django's documented model API
                    object_id=partition,
                    actor=None,
                    after={"kept_months": kept_months},
                )
    except OperationalError as error:
        log.warning("monitoring_not_dropped", table=model._meta.db_table, error=str(error))  # noqa: SLF001 - as above
        return []
    return dropped
