"""Whom a connection to 1C knows: links of its ids to employees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Q

from apps.integrations.models import PersonLink
from apps.organization.models import Employee

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass
class Employees:
    """Ways to find an employee: by link, by external id, and by the attribute that the connection maps by."""

    links: dict[str, int] = field(default_factory=dict)
    by_external_id: dict[str, int] = field(default_factory=dict)
    by_attribute: dict[str, int] = field(default_factory=dict)
    external_ids: dict[int, str] = field(default_factory=dict)


def links_of(connection_id: int) -> dict[str, int]:
    """Give employees by their external id at the connection."""
    return dict(PersonLink.objects.filter(connection=connection_id).values_list("external_id", "employee_id"))


def linked_at_work(connection_id: int) -> dict[str, int]:
    """Give those of `links_of` of whom no last working day is known."""
    rows = PersonLink.objects.filter(connection=connection_id, employee__dismissed_on=None)
    return dict(rows.values_list("external_id", "employee_id"))


def find_employees(
    connection_id: int,
    external_ids: Collection[str],
    *,
    attribute: str,
    values: Collection[str],
    ignore_case: bool,
) -> Employees:
    """Read whom the ids and the values of `attribute` (a field of `Employee`, or empty) may be.

    Three queries. An attribute that several employees share finds nobody.
    """
    found = Employees(links=links_of(connection_id))
    for pk, external_id in Employee.objects.filter(
        Q(external_id__in=external_ids) | Q(pk__in=found.links.values())
    ).values_list("pk", "external_id"):
        found.external_ids[pk] = external_id
        if external_id:
            found.by_external_id[external_id] = pk
    if not attribute:
        return found
    wanted = {folded(value, ignore_case=ignore_case) for value in values if value}
    several: set[str] = set()
    for pk, external_id, value in Employee.objects.exclude(**{attribute: None}).values_list(
        "pk", "external_id", attribute
    ):
        key = folded(str(value), ignore_case=ignore_case)
        if key in wanted:
            several |= {key} & found.by_attribute.keys()
            found.by_attribute[key] = pk
            found.external_ids[pk] = external_id
    for key in several:
        del found.by_attribute[key]
    return found


def folded(value: str, *, ignore_case: bool) -> str:
    """Give a value in the form in which values of the mapping attribute are compared."""
    return value.strip().casefold() if ignore_case else value.strip()
