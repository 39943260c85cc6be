"""Who people are in 1C: as the reconciliation linked them, or else by the external id of their card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists

from apps.integrations.choices import System
from apps.integrations.models import PersonLink
from apps.organization.models import Employee

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet


def people_of_others(connection_id: int) -> QuerySet[PersonLink, int]:
    """Give, to be a subquery, the employees whom another 1C named and this one did not.

    Nobody is of another one for a 1C that has never named people: it may be a second door to the same.
    """
    named = PersonLink.objects.filter(connection=connection_id)
    links = PersonLink.objects.filter(Exists(named), connection__system=System.ONEC)
    return links.exclude(employee__in=named.values("employee")).values_list("employee_id", flat=True)


def agent_ids(connection_id: int, employee_ids: Collection[int]) -> dict[int, str]:
    """Give the ids that 1C has for these people, without those that it is not known to have; two queries."""
    cards = Employee.objects.filter(pk__in=employee_ids).exclude(external_id="")
    cards = cards.exclude(pk__in=people_of_others(connection_id))
    links = PersonLink.objects.filter(connection=connection_id, employee__in=employee_ids)
    return {
        **dict(cards.values_list("pk", "external_id")),
        **dict(links.values_list("employee_id", "external_id")),
    }


def employees_of_agents(connection_id: int, ids: Collection[str]) -> dict[str, int]:
    """Give the people who have these ids in 1C; two queries."""
    cards = Employee.objects.filter(external_id__in=ids).exclude(pk__in=people_of_others(connection_id))
    links = PersonLink.objects.filter(connection=connection_id, external_id__in=ids)
    return {
        **dict(cards.values_list("external_id", "pk")),
        **dict(links.values_list("external_id", "employee_id")),
    }
