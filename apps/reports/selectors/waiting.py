"""What waits for a person, link by link of the chain. A fixed number of queries, whatever the data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.choices import Role
from apps.accounts.policies import roles_on, today
from apps.core import clock
from apps.core.partitions import partition_faults
from apps.core.web.converters import month_after
from apps.core.zones import midnight
from apps.demand.choices import ImportState
from apps.demand.models import ImportBatch
from apps.forecasts.choices import VersionState
from apps.forecasts.models import ForecastVersion
from apps.jobs.choices import ACTIVE_STATES, JobState
from apps.jobs.models import Job
from apps.jobs.selectors import visible_jobs
from apps.reports.types import Waiting, WaitingKind
from apps.schedules.choices import RuleMode, VariantState
from apps.schedules.models import PlanningGroup, RuleViolation, ScheduleVariant
from apps.staffing.choices import RequirementState
from apps.staffing.models import RequirementVersion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.accounts.models import User

RECENT = dt.timedelta(days=14)
MONTHS_AHEAD = 2
SHOWN = 3
BAD, WARN = "bad", "warn"


def waiting(user: User) -> list[WaitingKind]:
    """Give what waits, in the order of the chain; kinds of which there is nothing are left out."""
    now = clock.now()
    months = _Months.ahead(now)
    kinds = (
        (_("Jobs that failed"), BAD, list(_failed_jobs(user, now))),
        (_("Imports with refused rows"), WARN, list(_refused_imports(now))),
        (_("Forecasts older than their history"), WARN, list(_stale_forecasts())),
        (_("Requirements older than their forecast"), WARN, list(_stale_requirements(now))),
        (_("Months without requirement"), WARN, list(_months_without_requirement(months))),
        (_("Drafts not published"), WARN, list(_drafts(months))),
        (_("Hard violations"), BAD, list(_violations(months))),
        (_("Tables that lack a month"), BAD, list(_partitions_at_fault(user))),
    )
    return [WaitingKind(title, level, len(rows), rows[:SHOWN]) for title, level, rows in kinds if rows]


@dataclass(frozen=True, slots=True)
class _Months:
    """The months that are planned about now: this one and the next two, by the day in UTC."""

    first: dt.date
    after: dt.date

    @classmethod
    def ahead(cls, now: dt.datetime) -> _Months:
        first = now.date().replace(day=1)
        return cls(first, month_after(first, MONTHS_AHEAD + 1))

    def __iter__(self) -> Iterator[dt.date]:
        month = self.first
        while month < self.after:
            yield month
            month = month_after(month)


def _failed_jobs(user: User, now: dt.datetime) -> Iterator[Waiting]:
    """Give recent failures of which no newer job of the same work made good, or is about to."""
    newer = Job.objects.filter(
        dedupe_key=OuterRef("dedupe_key"),
        created_at__gt=OuterRef("created_at"),
        state__in=(JobState.SUCCEEDED, *ACTIVE_STATES),
    )
    failed = visible_jobs(user).filter(state=JobState.FAILED, created_at__gte=now - RECENT)
    open_ones = failed.filter(Q(dedupe_key="") | ~Exists(newer))
    for job in open_ones.order_by("-created_at").only("title", "reason"):
        url = reverse("jobs:detail-page", args=[job.pk])
        yield Waiting("job", str(job.title), str(job.reason), url, BAD)


def _refused_imports(now: dt.datetime) -> Iterator[Waiting]:
    """Give queues whose newest real import refused rows or was refused whole."""
    newest = (
        ImportBatch.objects.exclude(state=ImportState.CHECKED)
        .filter(created_at__gte=now - RECENT)
        .order_by("queue_id", "-id")
        .distinct("queue_id")
    )
    rows = ImportBatch.objects.filter(pk__in=newest.values("pk")).select_related("queue").defer("details")
    for batch in rows.filter(Q(rows_refused__gt=0) | Q(state=ImportState.REFUSED)).order_by("-id"):
        count = batch.rows_refused
        text = ngettext("%(count)d row refused", "%(count)d rows refused", count) % {"count": count}
        refused = batch.state == ImportState.REFUSED
        why = _("The file was refused.") if refused else text
        url = reverse("demand:import-page", args=[batch.pk])
        yield Waiting("import", f"{batch.queue.name}: {batch.file_name}", why, url)


def _stale_forecasts() -> Iterator[Waiting]:
    """Give active forecasts whose queue was given newer history after they were made."""
    newest = (
        ImportBatch.objects.filter(state=ImportState.APPLIED, rows_loaded__gt=0)
        .order_by()
        .values("queue_id")
        .annotate(last=Max("created_at"))
        .values_list("queue_id", "last")
    )
    loaded = dict(newest)
    versions = (
        ForecastVersion.objects.filter(state=VersionState.ACTIVE)
        .select_related("queue")
        .order_by("queue_id", "-start")
        .distinct("queue_id")
    )
    for version in versions.only("number", "created_at", "queue__name", "queue__code"):
        last = loaded.get(version.queue_id)
        if last is not None and last > version.created_at:
            text = _("version %(number)d; history came on %(day)s") % {
                "number": version.number,
                "day": date_format(last, "SHORT_DATE_FORMAT"),
            }
            url = reverse("forecasts:forecast-page", args=[version.queue.code])
            yield Waiting("forecast", version.queue.name, text, url)


def _stale_requirements(now: dt.datetime) -> Iterator[Waiting]:
    """Give active requirements of times to come whose forecast is no longer the active one."""
    rows = (
        RequirementVersion.objects.filter(state=RequirementState.ACTIVE, end__gt=now)
        .exclude(forecast__state=VersionState.ACTIVE)
        .select_related("queue", "forecast")
        .only("number", "start", "queue__name", "queue__code", "forecast__number")
    )
    for row in rows.order_by("queue__name", "start"):
        text = _("version %(number)d stands on forecast %(forecast)d, which was replaced") % {
            "number": row.number,
            "forecast": row.forecast.number,
        }
        url = reverse("forecasts:forecast-page", args=[row.queue.code])
        yield Waiting("requirement", row.queue.name, text, url)


def _months_without_requirement(months: _Months) -> Iterator[Waiting]:
    """Give groups and months of which a queue has no active requirement for the whole month.

    A group that begins later, by its first requirement, lacks nothing in the months before that.
    """
    begun = _first_requirements()
    spans: dict[int, list[tuple[dt.datetime, dt.datetime]]] = {}
    active = RequirementVersion.objects.filter(state=RequirementState.ACTIVE, end__gte=_utc(months.first))
    for queue_id, start, end in active.values_list("queue_id", "start", "end"):
        spans.setdefault(queue_id, []).append((start, end))
    for group in PlanningGroup.objects.prefetch_related("queues"):
        starts = [begun[queue.pk] for queue in group.queues.all() if queue.pk in begun]
        for month in months:
            first, end = (midnight(day, group.time_zone) for day in (month, month_after(month)))
            if starts and end <= min(starts):
                continue
            lacking = [
                queue.name
                for queue in group.queues.all()
                if not any(start <= first and end <= last for start, last in spans.get(queue.pk, []))
            ]
            if lacking:
                url = reverse("schedules:overview-page", args=[group.code, month])
                yield Waiting("month", _place(group, month), ", ".join(lacking), url)


def _first_requirements() -> dict[int, dt.datetime]:
    """Give, by queue, where its first active requirement begins."""
    firsts = RequirementVersion.objects.filter(state=RequirementState.ACTIVE).order_by().values("queue_id")
    return dict(firsts.annotate(first=Min("start")).values_list("queue_id", "first"))


def _drafts(months: _Months) -> Iterator[Waiting]:
    """Give groups and months whose newest variant is a draft."""
    newest = (
        ScheduleVariant.objects.filter(month__gte=months.first)
        .exclude(state=VariantState.ARCHIVED)
        .order_by("group_id", "month", "-number")
        .distinct("group_id", "month")
    )
    rows = ScheduleVariant.objects.filter(pk__in=newest.values("pk"), state=VariantState.DRAFT)
    facts = rows.select_related("group").only("number", "month", "group__name", "group__code")
    for variant in facts.order_by("month", "group__name"):
        text = _("variant %(number)d") % {"number": variant.number}
        url = reverse("schedules:overview-page", args=[variant.group.code, variant.month])
        yield Waiting("draft", _place(variant.group, variant.month), text, url)


def _violations(months: _Months) -> Iterator[Waiting]:
    """Give what is published of the months at hand and breaks a hard rule."""
    counts = (
        RuleViolation.objects.filter(
            mode=RuleMode.HARD, variant__state=VariantState.PUBLISHED, variant__month__gte=months.first
        )
        .order_by()
        .values("variant_id")
        .annotate(count=Count("pk"), month=F("variant__month"))
        .values_list("variant__group__name", "variant__group__code", "month", "count")
        .order_by("month")
    )
    for name, code, month, count in counts:
        text = ngettext("%(count)d violation", "%(count)d violations", count) % {"count": count}
        url = reverse("schedules:month-page", args=[code, month]) + "?only_violations=on"
        about = f"{name}, {date_format(month, 'YEAR_MONTH_FORMAT')}"
        yield Waiting("violation", about, text, url, BAD)


def _partitions_at_fault(user: User) -> Iterator[Waiting]:
    """Give, to administrators, the tables that will refuse rows soon, or keep them in the wrong place."""
    if Role.ADMIN not in roles_on(user, today()):
        return
    for fault in partition_faults():
        months = ", ".join(date_format(month, "YEAR_MONTH_FORMAT") for month in fault.missing_months)
        missing = _("no partition for %(months)s: is beat running?") % {"months": months}
        text = _("rows fell into the default partition") if fault.default_holds_rows else missing
        yield Waiting("partitions", fault.table, text, reverse("core:health"), BAD)


def _place(group: PlanningGroup, month: dt.date) -> str:
    return f"{group.name}, {date_format(month, 'YEAR_MONTH_FORMAT')}"


def _utc(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
