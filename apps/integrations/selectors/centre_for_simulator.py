"""The product's queues, people, forecasts and published shifts as a simulated contact centre lives them.

A day that has no published shifts of a group is lived as the same weekday of the last three whole weeks of
that group's nearest published month: a schedule is published weeks before it begins, a centre works today.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext as _

from apps.algorithms.simulation import WORK, Arrivals, Duty, GroupPlan, Handling, Patience
from apps.core.errors import NotFoundError
from apps.core.zones import midnight
from apps.forecasts.selectors.versions import active_version, forecast_points
from apps.integrations.simulators.contact_centre.plan import CHANNELS, CentrePlan, Group, Person
from apps.organization.models import Employee
from apps.schedules.choices import VariantState
from apps.schedules.models import Activity, ScheduleVariant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.organization.models import Queue

WEEKS = 3
WEEK = dt.timedelta(weeks=1)
TALK_SHARE = 0.85
USUAL_PATIENCE_S = 300.0
CHATS_AT_ONCE = 3
CHANNEL_NAMES = {"voice": "INCOMING_CALLS", "chat": "CHATS", "email": "MAILS", "outbound": "OUTGOING_CALLS"}

Sources = dict[dt.date, tuple[dt.date, ScheduleVariant]]  # by which day of which plan a day is lived
Spans = dict[int, list[tuple[dt.datetime, dt.datetime, str]]]  # by shift


def centre_for_simulator(
    today: dt.date, *, days_back: int, days_ahead: int, group_codes: Sequence[str] = ()
) -> CentrePlan:
    """Give the centre from `days_back` days before `today` on; of all planning groups unless some are named.

    `NotFoundError` when no schedule is published. An agent is called by the personnel number, a group by the
    code of its queue.
    """
    first, last = today - dt.timedelta(days=days_back), today + dt.timedelta(days=days_ahead)
    days = [first + dt.timedelta(days=number) for number in range((last - first).days)]
    groups: dict[int, Group] = {}
    duties: dict[int, list[Duty]] = defaultdict(list)
    served: dict[int, set[int]] = defaultdict(set)
    zone = ""
    for variants in _published(group_codes):
        zone = zone or variants[0].group.time_zone
        sources = _sources(variants, days)
        for queue in variants[0].group.queues.all():
            groups[queue.pk] = _group(queue, sources, variants[0].group.time_zone)
        _collect(sources, variants[0].group.time_zone, duties, served)
    if not groups:
        raise NotFoundError(_("No schedule is published that a contact centre could follow."))
    return CentrePlan(zone, tuple(groups.values()), _people(duties, served, groups))


def _published(group_codes: Sequence[str]) -> list[list[ScheduleVariant]]:
    """Give the published variants, those of a planning group together, in order of month."""
    published = ScheduleVariant.objects.filter(state=VariantState.PUBLISHED)
    if group_codes:
        published = published.filter(group__code__in=group_codes)
    found: dict[int, list[ScheduleVariant]] = defaultdict(list)
    rows = published.select_related("group").prefetch_related("group__queues__service")
    for variant in rows.order_by("group__code", "month"):
        found[variant.group_id].append(variant)
    return list(found.values())


def _sources(variants: Sequence[ScheduleVariant], days: Sequence[dt.date]) -> Sources:
    """Find for each day the day and the variant that it is lived by."""
    of_month = {variant.month: variant for variant in variants}
    sources = {}
    for day in days:
        own = of_month.get(day.replace(day=1))
        if own is not None:
            sources[day] = day, own
            continue
        nearest = min(variants, key=lambda variant: abs((variant.month - day).days))
        sources[day] = _moved(day, _last_week_ends(nearest.month)), nearest
    return sources


def _moved(day: dt.date, ends: dt.date) -> dt.date:
    """Give the day with the same weekday in the three weeks before `ends`, in turn."""
    offset = (day - (ends - WEEKS * WEEK)).days % (7 * WEEKS)
    return ends - WEEKS * WEEK + dt.timedelta(days=offset)


def _last_week_ends(month: dt.date) -> dt.date:
    """Give the Monday after the last whole week of the month."""
    after = (month + dt.timedelta(days=32)).replace(day=1)
    return after - dt.timedelta(days=after.weekday())


def _group(queue: Queue, sources: Sources, zone: str) -> Group:
    points: dict[int, float] = {}
    step_s = queue.step_minutes * 60
    handle_s = 0.0
    for variant in {variant.pk: variant for _day, variant in sources.values()}.values():
        version = active_version(queue.pk, variant.start, variant.end)
        if version is None:
            continue
        arrays = forecast_points(version.pk)
        step_s = arrays.step_s
        starts = arrays.starts.astype("datetime64[s]").astype(np.int64)
        points |= dict(zip(starts.tolist(), arrays.calls.tolist(), strict=True))
        total = float(arrays.calls.sum())
        handle_s = float((arrays.calls * np.nan_to_num(arrays.aht_s)).sum()) / total if total else 0.0
    channel = CHANNEL_NAMES.get(queue.channel, "INCOMING_CALLS")
    plan = GroupPlan(
        queue.code,
        CHANNELS[channel],
        _arrivals(sources, points, step_s, zone),
        Handling(TALK_SHARE * (handle_s or 180.0), (1 - TALK_SHARE) * (handle_s or 180.0)),
        Patience(_patience_s(queue)),
        concurrency=CHATS_AT_ONCE if channel == "CHATS" else 1,
    )
    return Group(queue.name, queue.service.code, queue.service.name, channel, plan)


def _arrivals(
    sources: Sources,
    points: dict[int, float],
    step_s: int,
    zone: str,
) -> Arrivals:
    days = sorted(sources)
    begins = int(midnight(days[0], zone).timestamp()) // step_s * step_s
    ends = int(midnight(days[-1] + dt.timedelta(days=1), zone).timestamp())
    expected = np.zeros((ends - begins) // step_s)
    for day in days:
        begin, next_day = (int(midnight(day + dt.timedelta(days=n), zone).timestamp()) for n in (0, 1))
        shift_s = int(midnight(sources[day][0], zone).timestamp()) - begin
        for start_s in range(begin, next_day, step_s):
            expected[(start_s - begins) // step_s] = points.get(start_s + shift_s, 0.0)
    return Arrivals(begins, step_s, expected)


def _patience_s(queue: Queue) -> float:
    target = queue.staffing_targets.exclude(patience_s=None).order_by("-valid_from").first()
    return float(target.patience_s) if target is not None and target.patience_s else USUAL_PATIENCE_S


def _collect(
    sources: Sources,
    zone: str,
    duties: dict[int, list[Duty]],
    served: dict[int, set[int]],
) -> None:
    """Add the duties of a planning group's people, a shift that meets the one before left out."""
    by_day: dict[tuple[int, dt.date], dict[int, Spans]] = {}  # of a variant and day: by person
    for variant in {variant.pk: variant for _day, variant in sources.values()}.values():
        wanted = {source for source, own in sources.values() if own.pk == variant.pk}
        for day, employee, spans in _shifts(variant, wanted, served):
            by_day.setdefault((variant.pk, day), {})[employee] = spans
    for day, (source, variant) in sorted(sources.items()):
        shift = midnight(day, zone) - midnight(source, zone)
        for employee, spans in by_day.get((variant.pk, source), {}).items():
            for parts in spans.values():
                moved = [
                    Duty((start + shift).timestamp(), (end + shift).timestamp(), kind)
                    for start, end, kind in parts
                ]
                if not duties[employee] or duties[employee][-1].end_s <= moved[0].start_s:
                    duties[employee] += moved


def _shifts(
    variant: ScheduleVariant, days: set[dt.date], served: dict[int, set[int]]
) -> list[tuple[dt.date, int, Spans]]:
    """Give day, person and activities of the shifts that begin on these days; one query."""
    rows = Activity.objects.filter(shift__variant=variant, shift__local_date__in=days).order_by("start")
    found: dict[tuple[dt.date, int], Spans] = {}
    for day, employee, shift, queue, kind, is_productive, start, end in rows.values_list(
        "shift__local_date",
        "shift__employee_id",
        "shift_id",
        "queue_id",
        "kind__code",
        "kind__is_productive",
        "start",
        "end",
    ):
        spans = found.setdefault((day, employee), {})
        spans.setdefault(shift, []).append((start, end, WORK if is_productive else kind))
        if queue is not None:
            served[employee].add(queue)
    return [(day, employee, spans) for (day, employee), spans in found.items()]


def _people(
    duties: dict[int, list[Duty]], served: dict[int, set[int]], groups: dict[int, Group]
) -> tuple[Person, ...]:
    cards = Employee.objects.filter(pk__in=duties).select_related("user").order_by("personnel_number")
    return tuple(
        Person(
            key=card.personnel_number,
            name=card.first_name,
            surname=card.last_name,
            second_name=card.middle_name,
            number=card.personnel_number,
            login=card.user.username if card.user else "",
            groups=tuple(sorted(groups[queue].plan.key for queue in served[card.pk] if queue in groups)),
            duties=tuple(duties[card.pk]),
        )
        for card in cards
    )
