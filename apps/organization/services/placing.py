"""Places in queues, skills and deputies."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.audit.services import record
from apps.core.errors import ConflictError, DomainError
from apps.organization.choices import Membership
from apps.organization.models import DeputyPeriod, EmployeeSkill, QueueMembership
from apps.organization.services.checking import (
    as_facts,
    check_employed,
    checked,
    fields_under,
    locked_employee,
    save_checked,
)
from apps.organization.types import PlaceFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from apps.accounts.models import User
    from apps.organization.models import Employee

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


@transaction.atomic
def set_places(
    *, employee_id: int, places: Sequence[PlaceFacts], valid_from: dt.date, actor: User | None
) -> None:
    """Let a person be in these queues from `valid_from` on, and in no others; what was before that stays.

    Places that hold then end the day before, those that begin later go; the same again changes nothing.
    Raises `DomainError` naming the place that is wrong: a queue named twice, or a second main one.
    """
    require(actor, Capability.EDIT_MASTER_DATA)
    employee = locked_employee(employee_id)
    check_employed(employee, "valid_from", valid_from)
    _check_places(places)
    before = _told_places(employee)
    left = {place.queue_id: place for place in places}
    kept = []
    for row in _during(employee.memberships.all(), valid_from, None).order_by("valid_from"):
        same = left.get(row.queue_id)
        if row.valid_from <= valid_from and same == PlaceFacts(row.queue_id, row.kind, row.productivity):
            del left[row.queue_id]
            kept.append(row)
        elif row.valid_from < valid_from:
            _end_before(row, valid_from)
        else:
            row.delete()
    for row in kept:  # once those are gone that stand in its way
        row.valid_to = employee.dismissed_on
        row.save(update_fields=["valid_to"])
    for at, place in enumerate(places):
        if place.queue_id in left:
            row = QueueMembership(
                employee=employee, valid_from=valid_from, valid_to=employee.dismissed_on, **asdict(place)
            )
            with fields_under(f"queues.{at}"):
                save_checked(row)
    after = _told_places(employee)
    if after != before:
        told = {"before": {"places": before}, "after": {"places": after}}
        record(action="employee.set_places", obj=employee, actor=actor, **told)


def _check_places(places: Sequence[PlaceFacts]) -> None:
    fields: dict[str, list[str]] = {}
    for at, place in enumerate(places):
        if place.queue_id in {other.queue_id for other in places[:at]}:
            fields[f"queues.{at}.queue"] = [_("This queue is named twice.")]
        if place.kind == Membership.MAIN and Membership.MAIN in {other.kind for other in places[:at]}:
            fields[f"queues.{at}.kind"] = [_("A person has one main queue.")]
    if fields:
        raise DomainError(_("Some places are not valid."), fields=fields)


def _told_places(employee: Employee) -> list[dict[str, Any]]:
    return [as_facts(row, *PLACE) for row in employee.memberships.order_by("valid_from", "queue_id")]


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
