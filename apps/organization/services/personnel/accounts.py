"""Accounts of people: made for a login that nobody has, closed on the day after the last working day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import OuterRef, Subquery

from apps.accounts.choices import Role
from apps.accounts.models import RoleGrant, User
from apps.audit.services import Change, record_many
from apps.core import clock
from apps.core.locks import lock_rows
from apps.organization.models import Employee, EmploymentTerms
from apps.organization.services.personnel.state import login_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.organization.services.personnel.drafts import Draft

USERNAME_CHARS = 150
EASTERNMOST = dt.timedelta(hours=14)
DEFAULT_ZONE = "Europe/Moscow"


def make_accounts(drafts: Sequence[Draft], *, today: dt.date, actor: User | None) -> None:
    """Make accounts, without a password, for new logins of people who have not left; they are employees."""
    wanted = [
        draft
        for draft in drafts
        if draft.new_login
        and len(draft.new_login) <= USERNAME_CHARS
        and (draft.employee.dismissed_on is None or draft.employee.dismissed_on >= today)
    ]
    if not wanted:
        return
    users = User.objects.bulk_create(
        User(
            username=login_key(draft.new_login),
            first_name=draft.employee.first_name,
            last_name=draft.employee.last_name,
            password=make_password(None),
        )
        for draft in wanted
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(user=user, role=Role.EMPLOYEE, valid_from=min(draft.employee.hired_on, today))
        for user, draft in zip(users, wanted, strict=True)
    )
    for user, draft in zip(users, wanted, strict=True):
        draft.employee.user = user
        draft.fields["login"] = ("", user.username)
    record_many((Change("user.add", user, after={"username": user.username}) for user in users), actor=actor)


@transaction.atomic
def close_accounts_of_left() -> int:
    """Close the accounts of people whose last working day is over where they worked; give how many.

    Administrators by birth (superusers) keep theirs: the system must not lock out its keepers.
    """
    now = clock.now()
    zone = EmploymentTerms.objects.filter(employee=OuterRef("pk")).order_by("-valid_from")
    people = (
        Employee.objects.filter(
            dismissed_on__lt=(now + EASTERNMOST).date(), user__is_active=True, user__is_superuser=False
        )
        .annotate(
            own_zone=Subquery(zone.values("time_zone")[:1]),
            site_zone=Subquery(zone.values("site__time_zone")[:1]),
        )
        .values_list("user", "dismissed_on", "own_zone", "site_zone")
    )
    over = [
        user_id
        for user_id, last_day, own, site in people
        if last_day and last_day < now.astimezone(ZoneInfo(own or site or DEFAULT_ZONE)).date()
    ]
    users = [user for user in lock_rows(User.objects.filter(pk__in=over)) if user.is_active]
    User.objects.filter(pk__in=[user.pk for user in users]).update(is_active=False)
    record_many(
        (
            Change("user.close", user, before={"is_active": True}, after={"is_active": False})
            for user in users
        ),
        actor=None,
    )
    return len(users)
