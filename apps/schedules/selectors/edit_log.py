"""Who changed which shifts of a variant, in words; people whom the reader does not see are left out."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.organization.policies import employees_visible_to
from apps.schedules.models import ShiftChange
from apps.schedules.types.edit_log import EditLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleEdit, ScheduleVariant

NAMED = 2
"""So many people stand in the title of an edit, then their number."""
SHOWN_LINES = 6


@dataclass(frozen=True)
class _Whose:
    """Names and clocks of the people of a variant."""

    names: dict[int, str]
    zones: dict[int, str]

    def name(self, employee_id: int) -> str:
        return self.names.get(employee_id, "")


def edit_lines(
    variant: ScheduleVariant, user: User | AnonymousUser, edits: QuerySet[ScheduleEdit], limit: int
) -> list[EditLine]:
    """Give the newest `limit` edits that touch somebody whom `user` sees; three queries."""
    visible = employees_visible_to(user)
    seen = ShiftChange.objects.filter(employee__in=visible, edit__variant=variant)
    rows = list(
        edits.filter(pk__in=seen.values("edit"))
        .select_related("actor", "reverses")
        .order_by("-number")[:limit]
    )
    return _lines(variant, seen, rows)


def titles_of(variant: ScheduleVariant, edits: Iterable[ScheduleEdit]) -> dict[int, str]:
    """Give what each edit is called, by its id; two queries."""
    rows = list(edits)
    lines = _lines(variant, ShiftChange.objects.all(), rows) if rows else []
    return {line.edit_id: line.title for line in lines}


def history_of(variant: ScheduleVariant, shift_id: int) -> list[EditLine]:
    """Give every edit of one shift, newest first."""
    changes = ShiftChange.objects.filter(shift_id=shift_id, edit__variant=variant)
    rows = [
        change.edit
        for change in changes.select_related("edit__actor", "edit__reverses").order_by("-edit__number")
    ]
    return _lines(variant, changes, rows)


def _lines(
    variant: ScheduleVariant, changes: QuerySet[ShiftChange], edits: list[ScheduleEdit]
) -> list[EditLine]:
    by_edit: defaultdict[int, list[tuple[dict[str, Any] | None, dict[str, Any] | None]]] = defaultdict(list)
    for edit_id, before, after in changes.filter(edit__in=edits).values_list("edit_id", "before", "after"):
        by_edit[edit_id].append((before, after))
    whose = _whose(variant, by_edit.values())
    return [_line(edit, by_edit[edit.pk], whose) for edit in edits]


def _whose(
    variant: ScheduleVariant,
    changes: Iterable[list[tuple[dict[str, Any] | None, dict[str, Any] | None]]],
) -> _Whose:
    people = {side["employee_id"] for pairs in changes for pair in pairs for side in pair if side}
    rows = variant.people.filter(employee__in=people).values_list(
        "employee_id", "employee__last_name", "employee__first_name", "time_zone"
    )
    names, zones = {}, {}
    for employee_id, last, first, zone in rows:
        names[employee_id], zones[employee_id] = f"{last} {first}".strip(), zone
    return _Whose(names, zones)


def _line(
    edit: ScheduleEdit,
    changes: list[tuple[dict[str, Any] | None, dict[str, Any] | None]],
    whose: _Whose,
) -> EditLine:
    lines = [_change(before, after, whose) for before, after in changes]
    more = len(lines) - SHOWN_LINES
    if more > 0:
        lines = [*lines[:SHOWN_LINES], _("and %(count)s more") % {"count": more}]
    return EditLine(
        edit_id=edit.pk,
        number=edit.number,
        when=edit.created_at,
        who=(edit.actor.get_full_name() or edit.actor.get_username()) if edit.actor else _("system"),
        title=_title(edit, changes, whose),
        lines=tuple(lines),
        source=edit.get_source_display(),
        reason=edit.reason,
        state=edit.get_state_display(),
        allowed=len(edit.allowed),
    )


def _title(
    edit: ScheduleEdit,
    changes: list[tuple[dict[str, Any] | None, dict[str, Any] | None]],
    whose: _Whose,
) -> str:
    what = str(edit.get_kind_display())
    if edit.reverses is not None:
        what = f"{what}: {str(edit.reverses.get_kind_display()).lower()}"
    sides = [before or after or {} for before, after in changes]
    people = sorted({whose.name(side["employee_id"]) for side in sides})
    days = sorted({dt.date.fromisoformat(side["local_date"]) for side in sides})
    who = (
        ", ".join(people[:NAMED]) if len(people) <= NAMED else _("%(count)s people") % {"count": len(people)}
    )
    when = date_format(days[0], "d.m") if days else ""
    if len(days) > 1:
        when += f"\u2013{date_format(days[-1], 'd.m')}"
    return ", ".join(part for part in (what, who, when) if part)


def _change(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, whose: _Whose) -> str:
    """Tell a shift from what to what; the person is named again only where it changes."""
    first = before or after or {}
    name = whose.name(first["employee_id"])
    old = _side(before, whose) if before else _("no shift")
    new = _side(after, whose) if after else _("no shift")
    if before and after:
        if before["employee_id"] != after["employee_id"]:
            new = f"{whose.name(after['employee_id'])}, {new}"
        elif old == new:
            new = _("other activities")
    return f"{name}: {old} \u2192 {new}"


def _side(side: Mapping[str, Any], whose: _Whose) -> str:
    zone = ZoneInfo(whose.zones.get(side["employee_id"], "UTC"))
    start, end = (dt.datetime.fromisoformat(side[edge]).astimezone(zone) for edge in ("start", "end"))
    return f"{date_format(start, 'd.m')} {start:%H:%M}\u2013{end:%H:%M}"
