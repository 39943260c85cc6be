"""What has grown too old leaves: history by whole months, files after some days."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import transaction

from apps.audit.services import record_about
from apps.core import clock
from apps.core.partitions import drop_months, months_earlier
from apps.demand.models import HistoryExport, ImportUpload, IntervalHistory
from apps.demand.services.exporting import EXPORTS_KEPT
from apps.demand.services.importing import UPLOADS_KEPT

log = structlog.get_logger(__name__)


@transaction.atomic
def drop_expired_history() -> list[str]:
    """Drop the months of history beyond the last `HISTORY_KEPT_MONTHS` whole ones; 0 keeps everything.

    Each dropped month is in the audit. `OperationalError` when the table is in use: it can be done later.
    """
    kept: int = settings.HISTORY_KEPT_MONTHS
    if not kept:
        return []
    dropped = drop_months(IntervalHistory, months_earlier(clock.now(), kept))
    for partition in dropped:
        record_about(
            action="history.dropped",
            object_type=IntervalHistory._meta.label_lower,  # noqa: SLF001 - Django's public name for it
            object_id=partition,
            actor=None,
            after={"kept_months": kept},
        )
    if dropped:
        log.info("history_dropped", partitions=dropped)
    return dropped


def drop_expired_files() -> int:
    """Drop the files that nobody fetched or that came to nothing, and give how many went."""
    now = clock.now()
    exports, _rows = HistoryExport.objects.filter(created_at__lt=now - EXPORTS_KEPT).delete()
    uploads, _rows = ImportUpload.objects.filter(created_at__lt=now - UPLOADS_KEPT).delete()
    if exports or uploads:
        log.info("history_files_dropped", exports=exports, uploads=uploads)
    return exports + uploads
