"""Two sends of one person never cross: what was read later must not arrive earlier."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection

from apps.core import clock
from apps.integrations.errors import DeferError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

PAUSE_S = 5
TRY = "SELECT name, pg_try_advisory_lock(hashtextextended(name, 0)) FROM unnest(%s::text[]) AS wanted (name)"
RELEASE = "SELECT pg_advisory_unlock(hashtextextended(name, 0)) FROM unnest(%s::text[]) AS held (name)"


@contextmanager
def holding(connection_id: int, employee_ids: Collection[int]) -> Iterator[None]:
    """Hold these people for one connection; `DeferError` while another send holds one of them.

    The lock lasts over several transactions and ends with the database session, so a process that dies lets
    go of it.
    """
    names = [f"onec schedule {connection_id} {employee_id}" for employee_id in set(employee_ids)]
    with connection.cursor() as cursor:
        cursor.execute(TRY, [names])
        held = [name for name, is_held in cursor.fetchall() if is_held]
    try:
        if len(held) < len(names):
            raise DeferError(clock.now() + dt.timedelta(seconds=PAUSE_S))
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(RELEASE, [held])
