"""Work that waits for a database which is away - restarted, failed over - instead of failing with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import structlog
from django.db import connection
from django.db.utils import InterfaceError, OperationalError

if TYPE_CHECKING:
    from collections.abc import Callable

ResultT = TypeVar("ResultT")
DATABASE_AWAY = (OperationalError, InterfaceError)
PATIENCE_S = 60.0
LOOK_EVERY_S = 0.5
log = structlog.get_logger(__name__)


def outlast_database(work: Callable[[], ResultT], *, patience_s: float = PATIENCE_S) -> ResultT:
    """Call `work`, again while the database is away, and give what it gave; it must be safe to repeat.

    After `patience_s`, and at once inside a transaction (which is lost with its connection), the database's
    exception propagates.
    """
    until = time.monotonic() + patience_s
    while True:
        try:
            return work()
        except DATABASE_AWAY as error:
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            connection.close()
            log.warning("database_away", error=str(error))
            time.sleep(LOOK_EVERY_S)
