from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from structlog.contextvars import get_contextvars

from apps.audit.models import AuditEntry

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model

FIELD_LENGTH = 100


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
    context = get_contextvars()
    return AuditEntry.objects.create(
        actor_id=None if actor is None else actor.pk,
        action=action,
        object_type=object_type,
        object_id=object_id,
        before=before,
        after=after,
        request_id=str(context.get("request_id") or "")[:FIELD_LENGTH],
        address=_address(context.get("address")),
        user_agent=context.get("user_agent") or "",
    )


def _address(text: str | None) -> str | None:
    """Give the address, or nothing when the request came through a socket that has none."""
    try:
        return str(ipaddress.ip_address(text or ""))
    except ValueError:
        return None
