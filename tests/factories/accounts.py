"""People who sign in."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from apps.accounts.models import RoleGrant, User
from apps.accounts.policies import forget_roles
from tests.factories.sequence import next_number

if TYPE_CHECKING:
    from apps.accounts.choices import Role
    from apps.organization.models import Department

PASSWORD = "demo-password"  # noqa: S105 - of test users only
LONG_AGO = dt.date(2020, 1, 1)


def make_user(role: Role | str = "", *, department: Department | None = None, **facts: Any) -> User:
    """Make a user, with a role since long ago when one is named; the password is `PASSWORD`."""
    facts.setdefault("username", f"user-{next_number()}")
    user = User.objects.create_user(password=PASSWORD, **facts)
    if role:
        make_grant(user, role, department=department)
    return user


def make_grant(user: User, role: Role | str, **facts: Any) -> RoleGrant:
    facts.setdefault("valid_from", LONG_AGO)
    grant = RoleGrant.objects.create(user=user, role=role, **facts)
    forget_roles(user)
    return grant
