"""What the check of a variant found, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.algorithms.rostering.rules import REGISTRY
from apps.organization.policies import employees_visible_to
from apps.schedules.selectors.labour_rules import explain, rule_name
from apps.schedules.types import ViolationRow

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant


def violations_of(
    variant: ScheduleVariant, user: User | AnonymousUser, employee_id: int | None = None
) -> list[ViolationRow]:
    """Give the findings about people whom `user` may see, or about one of them; one query."""
    rows = variant.violations.filter(employee__in=employees_visible_to(user)).select_related("employee")
    if employee_id is not None:
        rows = rows.filter(employee=employee_id)
    return [
        ViolationRow(
            employee_id=row.employee_id,
            name=str(row.employee),
            code=row.code,
            rule=rule_name(row.code),
            article=REGISTRY[row.code].article,
            mode=row.mode,
            text=explain(row),
            start=row.start,
            end=row.end,
        )
        for row in rows.order_by("employee__last_name", "employee__first_name", "employee_id", "start")
    ]
