import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from apps.accounts.choices import Role
from apps.accounts.models import RoleGrant
from apps.accounts.policies import Capability, may, roles_on
from apps.accounts.services.grants import grant_role, revoke_role
from apps.audit.models import AuditEntry
from apps.core.errors import DomainError, NotAllowedError, NotFoundError
from tests.factories import make_department, make_user

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 11, 2)


def test_a_role_is_given_once_and_audited() -> None:
    admin, user = make_user(Role.ADMIN), make_user()
    assert not may(user, Capability.RUN_FORECAST)
    grant = grant_role(user=user, role=Role.PLANNER, valid_from=MONDAY, actor=admin)
    assert grant_role(user=user, role=Role.PLANNER, valid_from=MONDAY, actor=admin) == grant
    assert may(user, Capability.RUN_FORECAST)
    entry = AuditEntry.objects.get(action="role.grant")
    assert entry.actor_id == admin.pk
    assert entry.after is not None
    assert entry.after["role"] == "planner"


def test_a_role_ends_on_its_last_day() -> None:
    user = make_user()
    grant = grant_role(user=user, role=Role.EMPLOYEE, valid_from=MONDAY, actor=None)
    last = MONDAY + dt.timedelta(days=3)
    revoke_role(grant_id=grant.pk, last_day=last, actor=None)
    assert roles_on(user, last) == {Role.EMPLOYEE}
    assert roles_on(user, last + dt.timedelta(days=1)) == frozenset()
    later = revoke_role(grant_id=grant.pk, last_day=last + dt.timedelta(days=9), actor=None)
    assert later is not None
    assert later.valid_to == last
    assert AuditEntry.objects.filter(action="role.revoke").count() == 1


def test_a_role_that_never_began_is_removed() -> None:
    grant = grant_role(user=make_user(), role=Role.EMPLOYEE, valid_from=MONDAY, actor=None)
    assert revoke_role(grant_id=grant.pk, last_day=MONDAY - dt.timedelta(days=1), actor=None) is None
    assert not RoleGrant.objects.exists()
    with pytest.raises(NotFoundError):
        revoke_role(grant_id=grant.pk, last_day=MONDAY, actor=None)


def test_what_is_refused() -> None:
    user = make_user()
    with pytest.raises(DomainError) as refusal:
        grant_role(user=user, role=Role.SUPERVISOR, valid_from=MONDAY, actor=None)
    assert "department" in refusal.value.fields
    with pytest.raises(DomainError) as refusal:
        grant_role(
            user=user,
            role=Role.EMPLOYEE,
            valid_from=MONDAY,
            valid_to=MONDAY - dt.timedelta(days=1),
            actor=None,
        )
    assert "valid_to" in refusal.value.fields
    department = make_department()
    with pytest.raises(NotAllowedError):
        grant_role(
            user=user,
            role=Role.SUPERVISOR,
            valid_from=MONDAY,
            department_id=department.pk,
            actor=make_user(Role.PLANNER),
        )
    assert not user.grants.exists()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.PLANNER, Role.EMPLOYEE])
def test_a_department_is_for_supervisors_only(role: Role, client: Client) -> None:
    """A department would limit no other role, so whoever names one is told at every door."""
    user, department = make_user(), make_department()
    facts: dict[str, Any] = {"user": user, "role": role, "valid_from": MONDAY}
    with pytest.raises(DomainError) as refusal:
        grant_role(**facts, department_id=department.pk, actor=None)
    assert "department" in refusal.value.fields
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(**facts, department=department)
    client.force_login(make_user(Role.ADMIN, is_superuser=True))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = client.post(
        f"/admin/accounts/user/{user.pk}/change/",
        {
            "username": user.username,
            "theme": "system",
            "grants-TOTAL_FORMS": 1,
            "grants-INITIAL_FORMS": 0,
            "grants-0-role": role,
            "grants-0-department": department.pk,
            "grants-0-valid_from": "2026-11-02",
        },
    )
    assert "Only a supervisor&#x27;s role is for a department." in answer.content.decode()
    assert not user.grants.exists()
