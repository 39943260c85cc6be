"""Hire, change the terms, dismiss: dated rows, so that no change rewrites the past."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require, today
from apps.audit.services import record
from apps.core.errors import ConflictError, DomainError
from apps.core.locks import advisory_lock
from apps.organization.models import Employee, EmploymentTerms, PersonalLimit, QueueMembership
from apps.organization.services.checking import (
    as_facts,
    check_employed,
    check_zone,
    fields_under,
    locked_employee,
    save_checked,
)

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.organization.types import CardFacts, TermsFacts

TERMS = (
    "position_id",
    "department_id",
    "site_id",
    "time_zone",
    "rate",
    "weekly_norm_minutes",
    "max_shift_minutes",
    "overtime_consent",
    "night_consent",
)
ONE_DAY = dt.timedelta(days=1)


@transaction.atomic
def hire(*, card: CardFacts, terms: TermsFacts, hired_on: dt.date, actor: User | None) -> Employee:
    """Make a person's card with terms from the hire day; the same hire again gives the person there is.

    Raises `ConflictError`, naming the fields, when the personnel number was hired with other facts, and
    `DomainError` for wrong ones.
    """
    return hire_once(card=card, terms=terms, hired_on=hired_on, actor=actor)[0]


@transaction.atomic
def hire_once(
    *, card: CardFacts, terms: TermsFacts, hired_on: dt.date, actor: User | None
) -> tuple[Employee, bool]:
    """Hire as `hire` does; give the person, and whether they are new."""
    require(actor, Capability.EDIT_MASTER_DATA)
    advisory_lock(f"organization.hire:{card.personnel_number}")
    known = Employee.objects.filter(personnel_number=card.personnel_number).first()
    if known is not None:
        _check_same_hire(known, card, terms, hired_on)
        return known, False
    employee = Employee(**asdict(card), hired_on=hired_on)
    save_checked(employee)
    with fields_under("terms"):
        row = _new_terms(employee, terms, hired_on, None)
    record(
        action="employee.hire",
        obj=employee,
        actor=actor,
        after=asdict(card) | as_facts(row, "valid_from", *TERMS),
    )
    return employee, True


@transaction.atomic
def change_terms(
    *, employee_id: int, terms: TermsFacts, valid_from: dt.date, actor: User | None
) -> EmploymentTerms:
    """Let other terms hold from `valid_from`: the row that holds then ends the day before, a new one begins.

    Terms that hold already change nothing; others that begin on that very day are written anew while the day
    is ahead. Raises `ConflictError` when they have begun, `DomainError` for a day on which the person is not
    employed and for wrong facts.
    """
    require(actor, Capability.EDIT_MASTER_DATA)
    employee = locked_employee(employee_id)
    check_employed(employee, "valid_from", valid_from)
    current = employee.terms.filter(valid_from__lte=valid_from).order_by("valid_from").last()
    last_day: dt.date | None = None
    before = None
    if current is not None and (current.valid_to is None or current.valid_to >= valid_from):
        if all(getattr(current, name) == value for name, value in asdict(terms).items()):
            return current
        if current.valid_from == valid_from > today():
            return _rewritten(current, terms, actor)
        if current.valid_from == valid_from:
            raise ConflictError(_("Other terms begin on %(day)s already.") % {"day": valid_from.isoformat()})
        before = as_facts(current, "valid_from", "valid_to", *TERMS)
        last_day, current.valid_to = current.valid_to, valid_from - ONE_DAY
        current.save(update_fields=["valid_to"])
    row = _new_terms(employee, terms, valid_from, last_day)
    after = as_facts(row, "valid_from", "valid_to", *TERMS)
    record(action="employee.change_terms", obj=employee, actor=actor, before=before, after=after)
    return row


@transaction.atomic
def dismiss(*, employee_id: int, last_day: dt.date, actor: User | None) -> Employee:
    """End employment after `last_day`: terms, queue memberships and limits end with it, later ones go.

    The same dismissal again changes nothing. Raises `DomainError` for a day before the hire, `ConflictError`
    when the person has left on another day.
    """
    require(actor, Capability.EDIT_MASTER_DATA)
    employee = locked_employee(employee_id)
    if employee.dismissed_on == last_day:
        return employee
    if employee.dismissed_on is not None:
        raise ConflictError(
            _("%(name)s left on %(day)s.") % {"name": employee, "day": employee.dismissed_on.isoformat()}
        )
    if last_day < employee.hired_on:
        message = _("The last working day lies before the hire.")
        raise DomainError(message, fields={"last_day": [message]})
    employee.dismissed_on = last_day
    employee.save(update_fields=["dismissed_on"])
    for model in (EmploymentTerms, QueueMembership, PersonalLimit):
        rows = model.objects.filter(employee=employee)
        rows.filter(valid_from__gt=last_day).delete()
        rows.exclude(valid_to__lte=last_day).update(valid_to=last_day)
    record(
        action="employee.dismiss",
        obj=employee,
        actor=actor,
        before={"dismissed_on": None},
        after=as_facts(employee, "dismissed_on"),
    )
    return employee


def _check_same_hire(known: Employee, card: CardFacts, terms: TermsFacts, hired_on: dt.date) -> None:
    """Refuse a hire under a personnel number that was hired with other facts; the refusal names them."""
    other = [name for name, value in asdict(card).items() if getattr(known, name) != value]
    if known.hired_on != hired_on:
        other.append("hired_on")
    first = known.terms.order_by("valid_from").first()
    if first is not None:
        held = asdict(terms).items()
        names = [name.removesuffix("_id") for name, value in held if getattr(first, name) != value]
        other += [f"terms.{name}" for name in names]
    if other:
        message = _("The personnel number %(number)s belongs to %(name)s.")
        told = {"number": card.personnel_number, "name": known}
        fields = {name: [_("It is something else there.")] for name in other}
        raise ConflictError(message % told, fields=fields)


def _rewritten(row: EmploymentTerms, terms: TermsFacts, actor: User | None) -> EmploymentTerms:
    """Let terms whose first day is ahead say something else."""
    check_zone(terms.time_zone)
    before = as_facts(row, "valid_from", "valid_to", *TERMS)
    for name, value in asdict(terms).items():
        setattr(row, name, value)
    save_checked(row)
    after = as_facts(row, "valid_from", "valid_to", *TERMS)
    record(action="employee.change_terms", obj=row.employee, actor=actor, before=before, after=after)
    return row


def _new_terms(
    employee: Employee, terms: TermsFacts, first: dt.date, last: dt.date | None
) -> EmploymentTerms:
    check_zone(terms.time_zone)
    row = EmploymentTerms(employee=employee, valid_from=first, valid_to=last, **asdict(terms))
    save_checked(row)
    return row
