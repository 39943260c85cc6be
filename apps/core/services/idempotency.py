"""Requests that may come again: the first one is carried out, the others are given its answer."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import OperationalError, connection
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from apps.core import clock
from apps.core.errors import ConflictError, DomainError
from apps.core.models import RepeatKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WAIT_S = 3
_CLAIM = """
INSERT INTO core_repeatkey (owner, key, method, path, body_sha256, status, headers, answer, created_at)
VALUES (%s, %s, %s, %s, %s, 0, '{}', '', %s) ON CONFLICT (owner, key) DO NOTHING RETURNING id
"""


class KeyReusedError(DomainError):
    """The key came with another request before."""

    status = 422
    code = "key_reused"


def claim(*, owner: str, key: str, method: str, path: str, body_sha256: str) -> tuple[RepeatKey, bool]:
    """Take the key for this request within the caller's transaction; give its row, and whether it is new.

    While another request with the key is carried out, wait for its end: the database does, for it is the row
    of that transaction that is in the way. Raises `ConflictError` after `WAIT_S`, `KeyReusedError` when the
    key stands for another method, address or body.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A key is claimed in the transaction of its effect: use transaction.atomic.")
    expired = clock.now() - dt.timedelta(hours=settings.IDEMPOTENCY_KEPT_HOURS)
    RepeatKey.objects.filter(owner=owner, key=key, created_at__lt=expired).delete()
    made = _insert((owner, key, method, path[:500], body_sha256, clock.now()))
    row = RepeatKey.objects.get(owner=owner, key=key)
    if not made and (row.method, row.path, row.body_sha256) != (method, path[:500], body_sha256):
        raise KeyReusedError(_("This Idempotency-Key came with another request before."))
    return row, made


def keep_answer(row: RepeatKey, *, status: int, headers: Mapping[str, str], answer: bytes) -> None:
    """Write what the request was answered, for those that come again."""
    row.status, row.headers, row.answer = status, dict(headers), answer
    row.save(update_fields=["status", "headers", "answer"])


def prune() -> int:
    """Drop keys that are older than they are kept; give how many."""
    expired = clock.now() - dt.timedelta(hours=settings.IDEMPOTENCY_KEPT_HOURS)
    count, _by_model = RepeatKey.objects.filter(created_at__lt=expired).delete()
    return count


def _insert(values: Sequence[str | dt.datetime]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        before = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{WAIT_S}s"])
        try:
            cursor.execute(_CLAIM, values)
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                message = _("A request with this Idempotency-Key is being carried out just now.")
                raise ConflictError(message, retry_after=WAIT_S) from error
            raise
        made = cursor.fetchone() is not None
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])
    return made
