"""Places in queues, skills and deputies."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.audit.services import record
from apps.core.errors import ConflictError
from apps.organization.choices import Membership
from apps.organization.models import DeputyPeriod, EmployeeSkill, QueueMembership
from apps.organization.services.checking import as_facts, check_employed, checked, locked_employee

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.accounts.models import User

PLACE = ("queue_id", "kind", "productivity", "valid_from", "valid_to")
ONE_DAY = dt.timedelta(days=1)


@transaction.atomic
def assign_membership(
    *,
    employee_id: int,
    queue_id: int,
    valid_from: dt.date,
    actor: User | None,
    kind: Membership = Membership.MAIN,
    productivity: Decimal = Decimal(1),
    valid_to: dt.date | None = None,
) -> QueueMembership:
    """Put a person into a queue over days; a place in the same queue that holds then ends the day before.

    The same place again changes nothing. Raises `ConflictError` when another queue is the main one on those
    days or when the place begins on the very day another does, `DomainError` for wrong facts.
    """
    require(actor, Capability.EDIT_MASTER_DATA)
    employee = locked_employee(employee_id)
    check_employed(employee, "valid_from", valid_from)
    row = QueueMembership(
        employee=employee,
        queue_id=queue_id,
        kind=kind,
        productivity=productivity,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    held = _during(employee.memberships.select_related("queue"), valid_from, valid_to).order_by("valid_from")
    before = None
    for other in held:
        if other.queue_id == queue_id:
            if all(getattr(other, name) == getattr(row, name) for name in PLACE):
                return other
            before = as_facts(other, *PLACE)
            _end_before(other, valid_from)
        elif kind == other.kind == Membership.MAIN:
            raise ConflictError(
                _("The main queue of %(name)s is %(queue)s on those days.")
                % {"name": employee, "queue": other.queue}
            )
    checked(row)
    row.save()
    record(action="employee.place", obj=employee, actor=actor, before=before, after=as_facts(row, *PLACE))
    return row


@transaction.atomic
def assign_skill(*, employee_id: int, skill_id: int, proficiency: int, actor: User | None) -> EmployeeSkill:
    """Say how well a person has a skill, 1 to 5; the same again changes nothing."""
    require(actor, Capability.EDIT_MASTER_DATA)
    employee = locked_employee(employee_id)
    row = EmployeeSkill.objects.filter(employee=employee, skill=skill_id).first()
    if row is not None and row.proficiency == proficiency:
        return row
    before = None if row is None else as_facts(row, "skill_id", "proficiency")
    row = row or EmployeeSkill(employee=employee, skill_id=skill_id)
    row.proficiency = proficiency
    checked(row)
    row.save()
    after = as_facts(row, "skill_id", "proficiency")
    record(action="employee.assign_skill", obj=employee, actor=actor, before=before, after=after)
    return row


@transaction.atomic
def assign_deputy(
    *, department_id: int, employee_id: int, valid_from: dt.date, valid_to: dt.date, actor: User | None
) -> DeputyPeriod:
    """Let a person stand in for a department's manager over days; the same again changes nothing."""
    require(actor, Capability.EDIT_MASTER_DATA)
    employee = locked_employee(employee_id)
    check_employed(employee, "valid_from", valid_from)
    check_employed(employee, "valid_to", valid_to)
    facts = {"department_id": department_id, "valid_from": valid_from, "valid_to": valid_to}
    known = DeputyPeriod.objects.filter(employee=employee, **facts).first()
    if known is not None:
        return known
    row = DeputyPeriod(employee=employee, **facts)
    checked(row)
    row.save()
    record(
        action="department.assign_deputy", obj=row, actor=actor, after=as_facts(row, "employee_id", *facts)
    )
    return row


def _during(
    rows: QuerySet[QueueMembership], first: dt.date, last: dt.date | None
) -> QuerySet[QueueMembership]:
    not_over = Q(valid_to__isnull=True) | Q(valid_to__gte=first)
    return rows.filter(not_over) if last is None else rows.filter(not_over, valid_from__lte=last)


def _end_before(row: QueueMembership, day: dt.date) -> None:
    if row.valid_from >= day:
        raise ConflictError(
            _("Another place in this queue begins on %(day)s.") % {"day": row.valid_from.isoformat()}
        )
    row.valid_to = day - ONE_DAY
    row.save(update_fields=["valid_to"])
