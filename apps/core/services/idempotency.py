"""Requests that may come again: the first one is carried out, the others are given its answer."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import OperationalError, connection
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from apps.core import clock
from apps.core.errors import ConflictError, DomainError, NotAllowedError
from apps.core.models import RepeatKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    RightsOf = Callable[[Any], Iterable[str]]

WAIT_S = 3
_CLAIM = """
INSERT INTO core_repeatkey (owner, key, method, path, body_sha256, status, headers, answer, created_at)
VALUES (%s, %s, %s, %s, %s, 0, '{}', '', %s) ON CONFLICT (owner, key) DO NOTHING RETURNING id
"""


_rights_sources: list[RightsOf] = []


def rights_source(function: RightsOf) -> RightsOf:
    """Register a function of a higher app that names what a user may do, and of whom, now."""
    if function not in _rights_sources:
        _rights_sources.append(function)
    return function


def rights_of(user: Any) -> list[str]:
    """Give what the user may do now, as it is kept with an answer; `x:*` stands for each `x:…`."""
    return sorted({right for source in _rights_sources for right in source(user)})


def refuse_withdrawn(row: RepeatKey, user: Any) -> None:
    """Refuse an answer to somebody who had rights when it was given and has lost one of them since."""
    now = set(rights_of(user))
    if any(right not in now and f"{right.partition(':')[0]}:*" not in now for right in row.rights):
        raise NotAllowedError(_("Your rights have changed since: the answer of then is not given again."))


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


def keep_answer(
    row: RepeatKey, *, status: int, headers: Mapping[str, str], answer: bytes, rights: Sequence[str] = ()
) -> None:
    """Write what the request was answered, and what its sender might do, for those that come again."""
    row.status, row.headers, row.answer, row.rights = status, dict(headers), answer, list(rights)
    row.save(update_fields=["status", "headers", "answer", "rights"])


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
