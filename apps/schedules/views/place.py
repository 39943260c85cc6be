"""Which group, month and variant a page is about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.core import clock
from apps.core.errors import DomainError, NotFoundError
from apps.core.web.converters import month_after
from apps.core.web.place import recall, remember
from apps.schedules.choices import VariantState
from apps.schedules.models import PlanningGroup, ScheduleVariant
from apps.schedules.policies import variants_visible_to

if TYPE_CHECKING:
    from django.http import HttpRequest

MONTH_LENGTH = len("2026-11")


@dataclass(frozen=True)
class Place:
    """A planning group and a month, with what a page needs to lead elsewhere."""

    group: PlanningGroup
    month: dt.date

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.group.time_zone)

    @property
    def previous(self) -> dt.date:
        return month_after(self.month, -1)

    @property
    def next(self) -> dt.date:
        return month_after(self.month)

    @property
    def code(self) -> str:
        """The month as addresses write it."""
        return f"{self.month:%Y-%m}"


def place_of(request: HttpRequest, group: str, month: dt.date) -> Place:
    """Find the group by its code and keep the place for the sidebar."""
    found = PlanningGroup.objects.filter(code=group).first()
    if found is None:
        raise NotFoundError(_("There is no planning group %(code)s.") % {"code": group})
    remember(request, group=group, month=f"{month:%Y-%m}")
    return Place(found, month)


def usual_place(request: HttpRequest) -> Place | None:
    """Give the group and month last looked at; else the first group with its newest month or this one."""
    code = request.GET.get("group") or recall(request, "group")
    group = PlanningGroup.objects.filter(code=code).first() or PlanningGroup.objects.first()
    if group is None:
        return None
    kept = recall(request, "month") if recall(request, "group") == group.code else ""
    return Place(group, _read_month(kept) or _newest_month(group))


def variants_for(request: HttpRequest, place: Place) -> list[ScheduleVariant]:
    """Give the variants that the reader may see, newest first."""
    rows = variants_visible_to(request.user).filter(group=place.group, month=place.month)
    return list(rows.order_by("-number").select_related("group", "created_by"))


def chosen_variant(request: HttpRequest, variants: list[ScheduleVariant]) -> ScheduleVariant | None:
    """Give the variant of the address, else the newest draft or published one."""
    wanted = request.GET.get("variant", "")
    if not wanted:
        current = [row for row in variants if row.state != VariantState.ARCHIVED]
        return next(iter(current or variants), None)
    found = next((row for row in variants if str(row.pk) == wanted), None)
    if found is None:
        raise DomainError(_("There is no variant %(text)s in this month.") % {"text": wanted[:40]})
    return found


def _read_month(text: str) -> dt.date | None:
    return dt.date.fromisoformat(f"{text}-01") if len(text) == MONTH_LENGTH else None


def _newest_month(group: PlanningGroup) -> dt.date:
    newest = ScheduleVariant.objects.filter(group=group).order_by("-month").first()
    if newest is not None:
        return newest.month
    return clock.now().astimezone(ZoneInfo(group.time_zone)).date().replace(day=1)
