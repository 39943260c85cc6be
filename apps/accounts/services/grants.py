"""Giving roles and taking them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.choices import Role
from apps.accounts.models import RoleGrant, User
from apps.accounts.policies import Capability, forget_roles, require
from apps.audit.services import record
from apps.core.errors import DomainError, NotFoundError
from apps.core.locks import lock_rows

if TYPE_CHECKING:
    import datetime as dt


@transaction.atomic
def grant_role(
    *,
    user: User,
    role: Role,
    valid_from: dt.date,
    actor: User | None,
    valid_to: dt.date | None = None,
    department_id: int | None = None,
) -> RoleGrant:
    """Give `role` to `user` over days; the same grant given again is the one that there is.

    Raises `DomainError` for dates in the wrong order, a supervisor without a department, and a department for
    another role, which it would not limit.
    """
    require(actor, Capability.EDIT_MASTER_DATA)
    _check(role, valid_from, valid_to, department_id)
    lock_rows(User.objects.filter(pk=user.pk))
    grant = RoleGrant(
        user=user, role=role, department_id=department_id, valid_from=valid_from, valid_to=valid_to
    )
    known = next((row for row in user.grants.filter(role=role) if _facts(row) == _facts(grant)), None)
    if known is not None:
        return known
    grant.save()
    forget_roles(user)
    record(action="role.grant", obj=grant, actor=actor, after=_facts(grant))
    return grant


@transaction.atomic
def revoke_role(*, grant_id: int, last_day: dt.date, actor: User | None) -> RoleGrant | None:
    """End a grant on `last_day`; one that would end before it begins is removed, and None given.

    A grant that has ended by then stays as it is. Raises `NotFoundError`.
    """
    require(actor, Capability.EDIT_MASTER_DATA)
    found = lock_rows(RoleGrant.objects.filter(pk=grant_id).select_related("user"))
    if not found:
        raise NotFoundError(_("There is no such role grant."))
    grant = found[0]
    if grant.valid_to is not None and grant.valid_to <= last_day:
        return grant
    forget_roles(grant.user)
    before = _facts(grant)
    if last_day < grant.valid_from:
        record(action="role.revoke", obj=grant, actor=actor, before=before)
        grant.delete()
        return None
    grant.valid_to = last_day
    grant.save(update_fields=["valid_to"])
    record(action="role.revoke", obj=grant, actor=actor, before=before, after=_facts(grant))
    return grant


def _check(role: Role, valid_from: dt.date, valid_to: dt.date | None, department_id: int | None) -> None:
    if valid_to is not None and valid_to < valid_from:
        message = _("The last day lies before the first one.")
        raise DomainError(message, fields={"valid_to": [message]})
    if role == Role.SUPERVISOR and department_id is None:
        message = _("A supervisor's role needs a department.")
        raise DomainError(message, fields={"department": [message]})
    if role != Role.SUPERVISOR and department_id is not None:
        message = _("Only a supervisor's role is for a department.")
        raise DomainError(message, fields={"department": [message]})


def _facts(grant: RoleGrant) -> dict[str, Any]:
    return {
        "user_id": grant.user_id,
        "role": str(grant.role),
        "department_id": grant.department_id,
        "valid_from": grant.valid_from.isoformat(),
        "valid_to": grant.valid_to.isoformat() if grant.valid_to else None,
    }
