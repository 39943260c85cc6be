"""Who changed which shifts of a variant, in words; people whom the reader does not see are left out."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Min, Window
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, RowNumber
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.algorithms.rostering.rules import REGISTRY
from apps.core.templatetags.clock import offset_name
from apps.schedules.models import ScheduleEdit
from apps.schedules.policies import changes_visible_to
from apps.schedules.selectors.labour_rules import rule_name
from apps.schedules.types.edit_log import ChangeLine, EditLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant, ShiftChange

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


_Pair = tuple[dict[str, Any] | None, dict[str, Any] | None]
SIDE = ("employee_id", "local_date", "start", "end")
BEFORE, AFTER = (tuple(f"{side}__{name}" for name in SIDE) for side in ("before", "after"))


@dataclass(frozen=True)
class _Touched:
    """What an edit touches: so many shifts, of these people, from the first to the last day (ISO)."""

    shifts: int
    people: frozenset[int]
    first: str | None
    last: str | None


def edit_lines(
    variant: ScheduleVariant, user: User | AnonymousUser, edits: QuerySet[ScheduleEdit], limit: int
) -> list[EditLine]:
    """Give the newest `limit` edits with those of their changes that `user` may know; four queries."""
    seen = changes_visible_to(user).filter(edit__variant=variant)
    rows = list(
        edits.filter(pk__in=seen.values("edit"))
        .select_related("actor", "reverses")
        .order_by("-number")[:limit]
    )
    return _lines(variant, seen, rows)


def titles_of(
    variant: ScheduleVariant, user: User | AnonymousUser, edits: Iterable[ScheduleEdit]
) -> dict[int, str]:
    """Give what each edit is called, by its id, with the people whom `user` may know; three queries."""
    rows = list(edits)
    lines = _lines(variant, changes_visible_to(user), rows) if rows else []
    return {line.edit_id: line.title for line in lines}


def history_of(variant: ScheduleVariant, user: User | AnonymousUser, shift_id: int) -> list[EditLine]:
    """Give the edits of one shift that `user` may know of, newest first."""
    changes = changes_visible_to(user).filter(shift_id=shift_id, edit__variant=variant)
    edits = ScheduleEdit.objects.filter(pk__in=changes.values("edit")).select_related("actor", "reverses")
    return _lines(variant, changes, list(edits.order_by("-number")))


def _lines(
    variant: ScheduleVariant, changes: QuerySet[ShiftChange], edits: list[ScheduleEdit]
) -> list[EditLine]:
    """Tell the edits by these changes; of each only the first are read, and of them no activities."""
    mine = changes.filter(edit__in=[edit.pk for edit in edits])
    touched = _touched(mine)
    place = Window(RowNumber(), partition_by="edit", order_by="shift_id")
    found = mine.annotate(place=place).filter(place__lte=SHOWN_LINES).order_by("edit", "shift_id")
    by_edit: defaultdict[int, list[_Pair]] = defaultdict(list)
    for edit_id, *values in found.values_list("edit_id", *BEFORE, *AFTER):
        by_edit[edit_id].append((_side_of(values[: len(SIDE)]), _side_of(values[len(SIDE) :])))
    named = {side["employee_id"] for pairs in by_edit.values() for pair in pairs for side in pair if side}
    whose = _whose(variant, named.union(*(item.people for item in touched.values())))
    nothing = _Touched(0, frozenset(), None, None)
    return [_line(edit, by_edit[edit.pk], touched.get(edit.pk, nothing), whose) for edit in edits]


def _side_of(values: list[Any]) -> dict[str, Any] | None:
    return None if values[0] is None else dict(zip(SIDE, values, strict=True))


def _touched(changes: QuerySet[ShiftChange]) -> dict[int, _Touched]:
    """Give how many shifts each edit changes, whose they were and on which days; one query."""
    holder = Coalesce("former", "employee")
    day = Coalesce(KeyTextTransform("local_date", "before"), KeyTextTransform("local_date", "after"))
    rows = (
        changes.order_by()
        .values("edit_id")
        .annotate(n=Count("pk"), people=ArrayAgg(holder, distinct=True), first=Min(day), last=Max(day))
    )
    return {
        row["edit_id"]: _Touched(row["n"], frozenset(row["people"]), row["first"], row["last"])
        for row in rows
    }


def _whose(variant: ScheduleVariant, people: Iterable[int]) -> _Whose:
    rows = variant.people.filter(employee__in=people).values_list(
        "employee_id", "employee__last_name", "employee__first_name", "time_zone"
    )
    names, zones = {}, {}
    for employee_id, last, first, zone in rows:
        names[employee_id], zones[employee_id] = f"{last} {first}".strip(), zone
    return _Whose(names, zones)


def _line(edit: ScheduleEdit, changes: list[_Pair], touched: _Touched, whose: _Whose) -> EditLine:
    lines = [_change(before, after, whose) for before, after in changes]
    more = touched.shifts - len(lines)
    if more > 0:
        lines.append(ChangeLine(_("and %(count)s more") % {"count": more}))
    return EditLine(
        edit_id=edit.pk,
        number=edit.number,
        when=edit.created_at,
        who=(edit.actor.get_full_name() or edit.actor.get_username()) if edit.actor else _("system"),
        title=_title(edit, touched, whose),
        lines=tuple(lines),
        source=edit.get_source_display(),
        reason=edit.reason,
        state=edit.get_state_display(),
        allowed=tuple(_rule(finding["code"]) for finding in edit.allowed),
    )


def _rule(code: str) -> str:
    facts = {"text": rule_name(code), "article": REGISTRY[code].article if code in REGISTRY else ""}
    return _("%(text)s (Labour Code, art. %(article)s)") % facts


def _title(edit: ScheduleEdit, touched: _Touched, whose: _Whose) -> str:
    what = str(edit.get_kind_display())
    if edit.reverses is not None:
        what = f"{what}: {str(edit.reverses.get_kind_display()).lower()}"
    people = sorted({whose.name(employee_id) for employee_id in touched.people})
    days = [dt.date.fromisoformat(day) for day in (touched.first, touched.last) if day is not None]
    who = (
        ", ".join(people[:NAMED]) if len(people) <= NAMED else _("%(count)s people") % {"count": len(people)}
    )
    when = date_format(days[0], "d.m") if days else ""
    if days and days[-1] != days[0]:
        when += f"\u2013{date_format(days[-1], 'd.m')}"
    return ", ".join(part for part in (what, who, when) if part)


def _change(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, whose: _Whose) -> ChangeLine:
    """Tell a shift from what to what; the person is named again only where it changes."""
    first = before or after or {}
    name = whose.name(first["employee_id"])
    old, new = (_side(side, whose) if side else _("no shift") for side in (before, after))
    if before and after:
        if before["employee_id"] != after["employee_id"]:
            new = f"{whose.name(after['employee_id'])}, {new}"
        elif old == new:
            new = _("other activities")
    zones = dict.fromkeys(offset_name(_local(side, "start", whose)) for side in (before, after) if side)
    return ChangeLine(f"{name}: {old} \u2192 {new}", " \u2192 ".join(zones))


def _side(side: Mapping[str, Any], whose: _Whose) -> str:
    start, end = (_local(side, edge, whose) for edge in ("start", "end"))
    return f"{date_format(start, 'd.m')} {start:%H:%M}\u2013{end:%H:%M}"


def _local(side: Mapping[str, Any], edge: str, whose: _Whose) -> dt.datetime:
    zone = ZoneInfo(whose.zones.get(side["employee_id"], "UTC"))
    return dt.datetime.fromisoformat(side[edge]).astimezone(zone)
