"""Who people are in 1C: as the reconciliation linked them, or else by the external id of their card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.integrations.models import PersonLink
from apps.organization.models import Employee

if TYPE_CHECKING:
    from collections.abc import Collection


def agent_ids(connection_id: int, employee_ids: Collection[int]) -> dict[int, str]:
    """Give the ids that 1C has for these people, without those that it is not known to have; two queries."""
    cards = Employee.objects.filter(pk__in=employee_ids).exclude(external_id="")
    links = PersonLink.objects.filter(connection=connection_id, employee__in=employee_ids)
    return {
        **dict(cards.values_list("pk", "external_id")),
        **dict(links.values_list("employee_id", "external_id")),
    }


def employees_of_agents(connection_id: int, ids: Collection[str]) -> dict[str, int]:
    """Give the people who have these ids in 1C; two queries."""
    cards = Employee.objects.filter(external_id__in=ids)
    links = PersonLink.objects.filter(connection=connection_id, external_id__in=ids)
    return {
        **dict(cards.values_list("external_id", "pk")),
        **dict(links.values_list("external_id", "employee_id")),
    }
