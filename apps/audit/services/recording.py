from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from structlog.contextvars import get_contextvars

from apps.audit.models import AuditEntry
from apps.core import clock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model

FIELD_LENGTH = 100
INSERT = """
INSERT INTO audit_auditentry
  (at, actor_id, action, object_type, object_id, before, after, request_id, address, user_agent)
SELECT %(at)s, %(actor_id)s, action, object_type, object_id, before, after, %(request_id)s, %(address)s::inet,
  %(user_agent)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS told (
  action text, object_type text, object_id text, before jsonb, after jsonb)
"""


class Change(NamedTuple):
    """One of many changes that are written together."""

    action: str
    obj: Model
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


def record(
    *,
    action: str,
    obj: Model,
    actor: AbstractBaseUser | AnonymousUser | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write that `actor` did `action` to `obj`, in the caller's transaction.

    `before` and `after` hold the changed fields only. Request id, address and user agent come from the
    request or task that runs now.
    """
    kind = obj._meta.label_lower  # noqa: SLF001 - Django's public name for it
    return record_about(
        action=action, object_type=kind, object_id=str(obj.pk), actor=actor, before=before, after=after
    )


def record_about(
    *,
    action: str,
    object_type: str,
    object_id: str,
    actor: AbstractBaseUser | AnonymousUser | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write as `record` does about what is no row: a partition that was dropped, a setting."""
    return AuditEntry.objects.create(
        action=action,
        object_type=object_type,
        object_id=object_id,
        before=before,
        after=after,
        **_by_whom(actor),
    )


def record_many(changes: Iterable[Change], *, actor: AbstractBaseUser | AnonymousUser | None) -> None:
    """Write as `record` does about many things, in one statement.

    It is written out: as arrays, which is what the ORM makes of many rows, JSON takes several times as long.
    """
    rows = [
        {
            "action": change.action,
            "object_type": change.obj._meta.label_lower,  # noqa: SLF001 - Django's public name for it
            "object_id": str(change.obj.pk),
            "before": change.before,
            "after": change.after,
        }
        for change in changes
    ]
    if not rows:
        return
    told = {"rows": json.dumps(rows, cls=DjangoJSONEncoder), "at": clock.now(), **_by_whom(actor)}
    with connection.cursor() as cursor:
        cursor.execute(INSERT, told)


def _by_whom(actor: AbstractBaseUser | AnonymousUser | None) -> dict[str, Any]:
    context = get_contextvars()
    return {
        "actor_id": None if actor is None else actor.pk,
        "request_id": str(context.get("request_id") or "")[:FIELD_LENGTH],
        "address": _address(context.get("address")),
        "user_agent": context.get("user_agent") or "",
    }


def _address(text: str | None) -> str | None:
    """Give the address, or nothing when the request came through a socket that has none."""
    try:
        return str(ipaddress.ip_address(text or ""))
    except ValueError:
        return None
