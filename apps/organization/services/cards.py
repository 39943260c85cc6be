"""Who a person is, and what they can: changes that are not dated."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.audit.services import record
from apps.core.errors import DomainError
from apps.organization.models import Employee, EmployeeSkill, Skill
from apps.organization.services.checking import locked_employee, save_checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.accounts.models import User
    from apps.organization.types import CardFacts

MOST_SKILL = 5


@transaction.atomic
def change_card(*, employee_id: int, card: CardFacts, actor: User | None) -> Employee:
    """Write who a person is; the same again changes nothing. Raises `DomainError` naming the field."""
    require(actor, Capability.EDIT_MASTER_DATA)
    employee = locked_employee(employee_id)
    wanted = asdict(card)
    before = {name: getattr(employee, name) for name in wanted}
    changed = [name for name, value in wanted.items() if before[name] != value]
    if not changed:
        return employee
    for name in changed:
        setattr(employee, name, wanted[name])
    save_checked(employee, update_fields=changed)
    record(
        action="employee.change_card",
        obj=employee,
        actor=actor,
        before={name: before[name] for name in changed},
        after={name: wanted[name] for name in changed},
    )
    return employee


@transaction.atomic
def set_skills(*, employee_id: int, skills: Mapping[str, int], actor: User | None) -> None:
    """Let a person have these skills (code: 1 to 5) and no others; the same again changes nothing.

    Raises `DomainError` naming the codes that are no skills and the levels outside 1 to 5.
    """
    require(actor, Capability.EDIT_MASTER_DATA)
    employee = locked_employee(employee_id)
    known = dict(Skill.objects.filter(code__in=skills).values_list("code", "pk"))
    _check(skills, known)
    before = dict(employee.skills.values_list("skill__code", "proficiency"))
    if before == dict(skills):
        return
    employee.skills.exclude(skill__code__in=skills).delete()
    EmployeeSkill.objects.bulk_create(
        [
            EmployeeSkill(employee=employee, skill_id=known[code], proficiency=level)
            for code, level in skills.items()
        ],
        update_conflicts=True,
        unique_fields=["employee", "skill"],
        update_fields=["proficiency"],
    )
    record(
        action="employee.set_skills",
        obj=employee,
        actor=actor,
        before={"skills": before},
        after={"skills": dict(skills)},
    )


def _check(skills: Mapping[str, int], known: Mapping[str, int]) -> None:
    fields = {f"skills.{code}": [_("There is no such skill.")] for code in skills if code not in known}
    for code, level in skills.items():
        if not 1 <= level <= MOST_SKILL:
            fields.setdefault(f"skills.{code}", []).append(_("A skill is held from 1 to 5."))
    if fields:
        raise DomainError(_("Some skills are not valid."), fields=fields)
