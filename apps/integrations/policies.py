"""Who may see and steer the exchange with other systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.accounts.policies import Capability, may, require

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from apps.accounts.models import User


def may_see(user: User | AnonymousUser) -> bool:
    """Tell whether the person sees connections, their health, operations and runs (never a secret)."""
    return may(user, Capability.VIEW_INTEGRATIONS)


def require_operating(user: User | None) -> None:
    """Refuse whoever may not start runs, retry, cancel or replay; no user is the system itself."""
    require(user, Capability.OPERATE_INTEGRATIONS)


def require_managing(user: User | None) -> None:
    """Refuse whoever may not change connections, credentials, schedules and webhook endpoints."""
    require(user, Capability.MANAGE_INTEGRATIONS)
