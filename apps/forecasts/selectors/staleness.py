"""What changed since a forecast was made, so that it no longer says what it would say now."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.zones import midnight
from apps.demand.selectors import (
    applied_imports,
    corrections_in_force,
    effects_of,
    known_corrections,
    member_ids,
    special_days_of,
    stamp,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.demand.models import SpecialDay
    from apps.demand.types import Correction
    from apps.forecasts.models import ForecastVersion


def staleness(versions: Sequence[ForecastVersion]) -> dict[int, list[str]]:
    """Give for each version (of one queue) the reasons why it is outdated; none for one that is not.

    A version that a person adjusted is judged by the history its statistical base was made from. What changes
    no figure, as a span accepted as recorded, makes none outdated. Five queries for any number of versions.
    """
    told = [version for version in versions if "history_from" in version.inputs]
    reasons: dict[int, list[str]] = {version.pk: [] for version in versions}
    if not told:
        return reasons
    queue = told[0].queue
    first = min(_learned_from(version) for version in told)
    members = member_ids(queue.pk)
    start = midnight(first, queue.time_zone)
    corrections = corrections_in_force(members, start, max(version.start for version in told))
    used = known_corrections({pk for version in told for pk in version.inputs.get("corrections", [])})
    days = list(special_days_of(queue, first, max(version.end for version in told).date() + dt.timedelta(1)))
    batches = list(applied_imports(members).values_list("pk", "created_at", "first_start"))
    for version in told:
        reasons[version.pk] += _corrected(version, used, corrections)
        reasons[version.pk] += _special(version, days)
        if any(begin and begin < version.start and _is_new(version, pk, made) for pk, made, begin in batches):
            reasons[version.pk].append(_("History was imported after it."))
    return reasons


def _learned_from(version: ForecastVersion) -> dt.date:
    return dt.date.fromisoformat(version.inputs["history_from"])


def _made_at(version: ForecastVersion) -> dt.datetime:
    """Give when the history was read: that of the statistical base of an adjusted version."""
    return version.origin.created_at if version.origin else version.created_at


def _is_new(version: ForecastVersion, pk: int, created_at: dt.datetime) -> bool:
    """Tell whether an import was not in the history that was read, however long it took to commit.

    Versions made before they kept the numbers of imports are judged by the clock.
    """
    read = version.inputs.get("imports")
    return created_at > _made_at(version) if read is None else pk not in read


def _corrected(
    version: ForecastVersion, known: Sequence[Correction], corrections: Sequence[Correction]
) -> list[str]:
    """Compare what the corrections that were read changed with what those that hold now change."""
    used = set(version.inputs.get("corrections", []))
    span = midnight(_learned_from(version), version.queue.time_zone), version.start
    before = effects_of([item for item in known if item.id in used], *span)
    if before == effects_of(corrections, *span):
        return []
    now = {item.id for item in corrections if item.span.start < span[1] and item.span.end > span[0]}
    count = len(used ^ now)
    text = ngettext(
        "%(count)d correction of its history was made or undone after it.",
        "%(count)d corrections of its history were made or undone after it.",
        count,
    )
    return [text % {"count": count}]


def _special(version: ForecastVersion, days: Sequence[SpecialDay]) -> list[str]:
    """Compare what was kept with what holds now, both from the first day of the history."""
    since, end = version.inputs["history_from"], _last_day(version)
    used = [day for day in version.inputs.get("events", []) if day["last_day"] >= since]
    now = [day for day in stamp(days) if str(day["last_day"]) >= since and str(day["first_day"]) < end]
    return [] if now == used else [_("The special days were changed after it.")]


def _last_day(version: ForecastVersion) -> str:
    """Give the local day on which the version has ended."""
    return str(version.parameters.get("end", version.end.date().isoformat()))
