"""Partitions are made before their month comes, and a table that lacks one is heard of."""

from __future__ import annotations

import structlog
from django.db import Error, connection, transaction

from apps.core import clock
from apps.core.partitions import (
    PartitionFault,
    ensure_months,
    limit_lock_wait,
    months_later,
    partition_faults,
    partitioned_models,
)

MADE_MONTHS_AHEAD = 3
log = structlog.get_logger(__name__)


def keep_partitions() -> list[PartitionFault]:
    """Make the partitions of this and the next months of all partitioned tables; give what is still wrong.

    Safe to repeat and to run twice at once. A table that is in use, or whose default partition holds rows of
    a month to be made, is left as it is and told in the log: `partition_not_made`, `partition_fault`.
    """
    now = clock.now()
    for model in partitioned_models():
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    limit_lock_wait(cursor)
                made = ensure_months(model, now, months_later(now, MADE_MONTHS_AHEAD))
        except Error as error:
            log.error("partition_not_made", table=model._meta.db_table, error=str(error))  # noqa: SLF001, TRY400 - one line says it
        else:
            if made:
                log.info("partitions_made", partitions=made)
    faults = partition_faults()
    for fault in faults:
        log.error(
            "partition_fault",
            table=fault.table,
            missing=[f"{month:%Y-%m}" for month in fault.missing_months],
            default_holds_rows=fault.default_holds_rows,
        )
    return faults
