"""What changed since a forecast was made, so that it no longer says what it would say now."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.zones import midnight
from apps.demand.choices import ImportState
from apps.demand.models import ImportBatch
from apps.demand.selectors import corrections_in_force, member_ids, special_days_of, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.demand.models import SpecialDay
    from apps.demand.types import Correction
    from apps.forecasts.models import ForecastVersion


def staleness(versions: Sequence[ForecastVersion]) -> dict[int, list[str]]:
    """Give for each version (of one queue) the reasons why it is outdated; none for one that is not.

    A version that a person adjusted is judged by the history its statistical base was made from. Four queries
    for any number of versions.
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
    days = list(special_days_of(queue, first, max(version.end for version in told).date() + dt.timedelta(1)))
    imports = ImportBatch.objects.filter(
        queue__in=members, state=ImportState.APPLIED, rows_loaded__gt=0, created_at__gt=_oldest(told)
    ).values_list("created_at", "first_start")
    batches = [(made, begin) for made, begin in imports if begin]
    for version in told:
        reasons[version.pk] += _corrected(version, corrections)
        reasons[version.pk] += _special(version, days)
        if any(made > _made_at(version) and begin < version.start for made, begin in batches):
            reasons[version.pk].append(_("History was imported after it."))
    return reasons


def _learned_from(version: ForecastVersion) -> dt.date:
    return dt.date.fromisoformat(version.inputs["history_from"])


def _made_at(version: ForecastVersion) -> dt.datetime:
    """Give when the history was read: that of the statistical base of an adjusted version."""
    return version.origin.created_at if version.origin else version.created_at


def _oldest(versions: Sequence[ForecastVersion]) -> dt.datetime:
    return min(_made_at(version) for version in versions)


def _corrected(version: ForecastVersion, corrections: Sequence[Correction]) -> list[str]:
    used = set(version.inputs.get("corrections", []))
    start = midnight(_learned_from(version), version.queue.time_zone)
    now = {
        correction.id
        for correction in corrections
        if correction.span.start < version.start and correction.span.end > start
    }
    count = len(used ^ now)
    if not count:
        return []
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
