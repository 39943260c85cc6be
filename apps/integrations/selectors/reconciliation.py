"""The plan of a personnel run as people look at it: filtered, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q

from apps.integrations.choices import ChangeOutcome, PersonAction
from apps.integrations.models import PlannedChange

if TYPE_CHECKING:
    from django.db.models import QuerySet


def planned_changes(
    run_id: int, *, action: str = "", outcome: str = "", text: str = ""
) -> QuerySet[PlannedChange]:
    """Give the changes of a run by action, outcome and part of a name, number or id; nonsense is no filter.

    The action `vanished` gives those whom the answer did not name.
    """
    rows = PlannedChange.objects.filter(run=run_id).order_by("name", "pk")
    if action == "vanished":
        rows = rows.filter(has_vanished=True)
    elif action in PersonAction.values:
        rows = rows.filter(action=action)
    if outcome in ChangeOutcome.values:
        rows = rows.filter(outcome=outcome)
    if text:
        rows = rows.filter(
            Q(name__icontains=text) | Q(personnel_number__icontains=text) | Q(external_id__icontains=text)
        )
    return rows


def counted_changes(run_id: int) -> dict[str, int]:
    """Give how many people each action is about, and how many were not named."""
    rows = PlannedChange.objects.filter(run=run_id)
    counts: dict[str, int] = {}
    for action, has_vanished, count in (
        rows.order_by().values_list("action", "has_vanished").annotate(Count("pk"))
    ):
        counts[action] = counts.get(action, 0) + count
        if has_vanished:
            counts["vanished"] = counts.get("vanished", 0) + count
    return counts
