"""Who sees which departments and people: the one place that turns grants into querysets."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db.models import Exists, Model, OuterRef, Q

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.accounts.policies import Capability, grants_on, may, role_source, roles_on, today
from apps.organization.models import (
    Department,
    DeputyPeriod,
    Employee,
    EmploymentTerms,
    Queue,
    QueueMembership,
    Site,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

ModelT = TypeVar("ModelT", bound=Model)
_COVERING = (Role.ADMIN, Role.PLANNER, Role.SUPERVISOR, Role.INTEGRATION)


def departments_visible_to(user: User | AnonymousUser) -> QuerySet[Department]:
    """Give the departments of the person's grants and deputy periods of today, with all below them.

    A grant of administrator or planner covers all of them.
    """
    covered = _covered_departments(user, today())
    return Department.objects.all() if covered is None else Department.objects.filter(pk__in=covered)


def employees_visible_to(user: User | AnonymousUser) -> QuerySet[Employee]:
    """Give who works now or later in the visible departments, and the person's own card."""
    day = today()
    covered = _covered_departments(user, day)
    if covered is None:
        return Employee.objects.all()
    if not isinstance(user, User) or not roles_on(user, day):
        return Employee.objects.none()
    in_department = EmploymentTerms.objects.filter(employee=OuterRef("pk"), department__in=covered).exclude(
        valid_to__lt=day
    )
    own = Q(user=user)
    return Employee.objects.filter(own | Exists(in_department)) if covered else Employee.objects.filter(own)


@role_source
def deputies_supervise(user: User, day: dt.date) -> frozenset[Role]:
    """Make whoever stands in for a department's manager on `day` a supervisor."""
    return frozenset({Role.SUPERVISOR} if _deputised(user, day).exists() else ())


def _deputised(user: User, day: dt.date) -> QuerySet[DeputyPeriod]:
    return DeputyPeriod.objects.filter(employee__user=user, valid_from__lte=day, valid_to__gte=day)


def _covered_departments(user: User | AnonymousUser, day: dt.date) -> set[int] | None:
    """Give the ids of the covered departments; None stands for all of them."""
    if not isinstance(user, User) or not user.is_active:
        return set()
    if user.is_superuser:
        return None
    roots: set[int] = set()
    for department_id in (
        grants_on(user, day).filter(role__in=_COVERING).values_list("department_id", flat=True)
    ):
        if department_id is None:
            return None
        roots.add(department_id)
    roots.update(_deputised(user, day).values_list("department_id", flat=True))
    return with_all_below(roots)


def with_all_below(roots: Iterable[int]) -> set[int]:
    """Give the departments `roots` and everything below them."""
    covered: set[int] = set()
    waiting = list(roots)
    if not waiting:
        return covered
    children: dict[int, list[int]] = {}
    for pk, parent_id in Department.objects.exclude(parent=None).values_list("pk", "parent_id"):
        children.setdefault(parent_id, []).append(pk)
    while waiting:
        department_id = waiting.pop()
        if department_id not in covered:
            covered.add(department_id)
            waiting.extend(children.get(department_id, ()))
    return covered


def queues_visible_to(user: User | AnonymousUser) -> QuerySet[Queue]:
    """Give every queue to those who see schedules, to others the queues that they are in today."""
    if may(user, Capability.VIEW_SCHEDULE):
        return Queue.objects.all()
    if not isinstance(user, User) or not roles_on(user, today()):
        return Queue.objects.none()
    own = QueueMembership.objects.filter(employee__user=user, valid_from__lte=today()).exclude(
        valid_to__lt=today()
    )
    return Queue.objects.filter(pk__in=own.values("queue"))


def sites_visible_to(user: User | AnonymousUser) -> QuerySet[Site]:
    """Give every site to those who see schedules, to others the site of their own terms of today."""
    if may(user, Capability.VIEW_SCHEDULE):
        return Site.objects.all()
    if not isinstance(user, User) or not roles_on(user, today()):
        return Site.objects.none()
    own = EmploymentTerms.objects.filter(employee__user=user, valid_from__lte=today()).exclude(
        valid_to__lt=today()
    )
    return Site.objects.filter(pk__in=own.values("site"))


def structure_visible_to(user: User | AnonymousUser, model: type[ModelT]) -> QuerySet[ModelT]:
    """Give every row of what the structure is made of (positions, services, skills) to who sees schedules."""
    rows = model._default_manager.all()  # noqa: SLF001 - Django's public name for it
    return rows if may(user, Capability.VIEW_SCHEDULE) else rows.none()
