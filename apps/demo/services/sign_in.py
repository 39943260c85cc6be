"""The demo's four accounts: administrator, planner, supervisor of a department, one of its agents.

Another product has no password: its keys are issued in the admin.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from apps.accounts.choices import Role
from apps.accounts.models import RoleGrant, User
from apps.demo.blueprint import LARGE, SITES
from apps.demo.services.structure import SINCE
from apps.organization.models import Department, Employee

SITE_DEPARTMENT = f"{LARGE.department}-{SITES[0].code}"


@dataclass(frozen=True)
class SignIn:
    """How a role is tried out."""

    role: Role
    username: str
    password: str


def sign_ins() -> list[SignIn]:
    """Give user names and passwords; the passwords follow from this installation's secret key."""
    return [
        SignIn(role, f"demo-{role.value}", _password(role))
        for role in reversed(Role)
        if role != Role.INTEGRATION
    ]


@transaction.atomic
def make_accounts() -> User:
    """Make the accounts as `sign_ins` says, without people; give the planner, who acts in the demo."""
    for sign_in in sign_ins():
        user, _ = User.objects.get_or_create(
            username=sign_in.username,
            defaults={
                "email": f"{sign_in.username}@example.invalid",
                "is_staff": sign_in.role == Role.ADMIN,
                "is_superuser": sign_in.role == Role.ADMIN,
            },
        )
        if not user.check_password(sign_in.password):
            user.set_password(sign_in.password)
            user.save(update_fields=["password"])
        if sign_in.role != Role.SUPERVISOR:
            RoleGrant.objects.get_or_create(user=user, role=sign_in.role, defaults={"valid_from": SINCE})
    return User.objects.get(username=f"demo-{Role.PLANNER.value}")


@transaction.atomic
def join_people() -> None:
    """Give the supervisor's and the employee's account their cards, and the supervisor the department."""
    department = Department.objects.select_related("manager").get(code=SITE_DEPARTMENT)
    supervisor = User.objects.get(username=f"demo-{Role.SUPERVISOR.value}")
    RoleGrant.objects.get_or_create(
        user=supervisor, role=Role.SUPERVISOR, defaults={"department": department, "valid_from": SINCE}
    )
    if department.manager is not None:
        _join(supervisor, department.manager)
    agent = (
        Employee.objects.filter(
            terms__department__parent=department,
            terms__position__is_planned=True,
            work_rules__work_rule__code=LARGE.contracts[0].rule,
            absences=None,
            limits=None,
        )
        .order_by("personnel_number")
        .first()
    )
    if agent is not None:
        _join(User.objects.get(username=f"demo-{Role.EMPLOYEE.value}"), agent)


def _join(user: User, employee: Employee) -> None:
    Employee.objects.filter(user=user).exclude(pk=employee.pk).update(user=None)
    Employee.objects.filter(pk=employee.pk).update(user=user)
    user.first_name, user.last_name = employee.first_name, employee.last_name
    user.save(update_fields=["first_name", "last_name"])


def _password(role: Role) -> str:
    digest = hmac.new(settings.SECRET_KEY.encode(), f"demo {role.value}".encode(), hashlib.sha256)
    return f"{role.value}-{digest.hexdigest()[:10]}"
