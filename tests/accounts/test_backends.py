import pytest
from django.test import Client

from apps.accounts.choices import Role
from tests.factories import make_department, make_employee, make_limit, make_user
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "permission", "is_held"),
    [
        (Role.ADMIN, "organization.change_employee", True),
        (Role.ADMIN, "organization.view_personallimit", True),
        (Role.PLANNER, "organization.view_employee", True),
        (Role.PLANNER, "organization.change_employee", False),
        (Role.PLANNER, "organization.view_personallimit", False),
        (Role.PLANNER, "schedules.change_workrule", True),
        (Role.PLANNER, "staffing.change_staffingtarget", True),
        (Role.PLANNER, "accounts.view_user", False),
        (Role.PLANNER, "audit.view_auditentry", False),
        (Role.EMPLOYEE, "organization.view_employee", False),
    ],
)
def test_permissions_follow_roles(role: Role, permission: str, is_held: bool) -> None:
    assert make_user(role).has_perm(permission) is is_held


def test_the_inactive_cannot_sign_in() -> None:
    user = make_user(Role.PLANNER)
    assert Client().login(username=user.username, password=PASSWORD)
    user.is_active = False
    user.save()
    assert not Client().login(username=user.username, password=PASSWORD)
    assert not user.has_perm("organization.view_employee")


def test_a_supervisor_has_no_master_data() -> None:
    user = make_user(Role.SUPERVISOR, department=make_department())
    assert not user.has_module_perms("organization")
    assert make_user(Role.PLANNER).has_module_perms("organization")


def test_personal_limits_are_in_the_admin_for_those_who_may_see_them() -> None:
    person = make_employee()
    make_limit(person, "pregnant")
    address = f"/admin/organization/employee/{person.pk}/change/"
    for role, is_shown in ((Role.ADMIN, True), (Role.PLANNER, False)):
        client = Client()
        client.force_login(make_user(role))
        page = client.get(address)
        assert page.status_code == 200
        assert (b"pregnant" in page.content) is is_shown
