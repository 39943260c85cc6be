"""The schedule as files: month and day as the grids show them, shifts, violations, planned people."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.core.errors import NotFoundError
from apps.core.exporting import Column, Kind, Table
from apps.core.templatetags.clock import offset_name
from apps.core.web.downloads import DownloadView
from apps.core.zones import to_datetime
from apps.schedules.choices import RuleMode
from apps.schedules.forms import GridFilterForm
from apps.schedules.selectors.day_grid import day_grid
from apps.schedules.selectors.month_grid import month_grid
from apps.schedules.selectors.rows import filter_choices, people_of
from apps.schedules.selectors.shift_rows import shift_rows
from apps.schedules.selectors.violations import violations_of
from apps.schedules.types import AbsenceCell, ShiftCell
from apps.schedules.views.grid_markup import absence_code, activity_code
from apps.schedules.views.place import Place, chosen_variant, place_of, variants_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

    from apps.schedules.models import ScheduleVariant
    from apps.schedules.types import DayGrid, DayRow, GridFilters, MonthGrid, PersonRow

HOUR_S = 3600
PERSON_FACTS = 8


class _ScheduleDownload(DownloadView):
    """A table of the variant in the address, with the filters of the grids."""

    def chosen(self, request: HttpRequest, facts: dict[str, Any]) -> tuple[Place, ScheduleVariant]:
        require(request.user, Capability.VIEW_SCHEDULE)
        place = place_of(request, facts["group"], facts["month"])
        variant = chosen_variant(request, variants_for(request, place))
        if variant is None:
            raise NotFoundError(_("There is no schedule of this month."))
        return place, variant

    def filters(self, request: HttpRequest, variant: ScheduleVariant) -> GridFilters:
        form = GridFilterForm(request.GET, choices=filter_choices(variant, request.user), usual_clock="")
        return form.as_filters()


class MonthDownload(_ScheduleDownload):
    """People by days with their totals, the cover of each day below."""

    def table(self, request: HttpRequest, **facts: Any) -> Table:
        place, variant = self.chosen(request, facts)
        filters = self.filters(request, variant)
        grid = month_grid(variant, request.user, filters)
        clock = filters.clock or _("everybody's own")
        days = [
            Column(f"{day.day} {date_format(day, 'D')}", itemgetter(PERSON_FACTS + index), Kind.MIXED)
            for index, day in enumerate(grid.days)
        ]
        after = PERSON_FACTS + len(days)
        return Table(
            name=_("Schedule of the month"),
            file_name=_file_name(_("Schedule"), place, variant),
            about=[*_about(place, variant), (_("Clock"), clock)],
            columns=[
                *_person_columns(),
                *days,
                Column(_("Paid, h"), itemgetter(after), Kind.HOURS, width=9),
                Column(_("Norm, h"), itemgetter(after + 1), Kind.HOURS, width=9),
                Column(_("± h"), itemgetter(after + 2), Kind.HOURS, width=9),
                Column(_("Violations"), itemgetter(after + 3), Kind.INTEGER, width=11),
            ],
            rows=(_month_row(row, filters.clock or row.zone) for row in grid.rows),
            foot=list(_month_foot(grid)),
        )


class DayDownload(_ScheduleDownload):
    """People by quarters of an hour: what each does, with the cover below."""

    def table(self, request: HttpRequest, **facts: Any) -> Table:
        place, variant = self.chosen(request, facts)
        day = facts["day"]
        if day.replace(day=1) != place.month:
            raise NotFoundError(_("%(day)s is not in this month.") % {"day": day})
        grid = day_grid(variant, request.user, day, self.filters(request, variant))
        zone = ZoneInfo(grid.zone)
        moments = [to_datetime(start).astimezone(zone) for start in grid.cover.starts]
        clocks = [f"{moment:%H:%M} {offset_name(moment)}" for moment in moments]
        return Table(
            name=_("Schedule of the day"),
            file_name=f"{_('Schedule')} {place.group.name} {day} {variant.number}",
            about=[
                *_about(place, variant),
                (_("Day"), date_format(day, "SHORT_DATE_FORMAT")),
                (_("Clock"), grid.zone),
            ],
            columns=[
                *_person_columns(),
                Column(_("Paid, h"), itemgetter(PERSON_FACTS), Kind.HOURS, width=9),
                *(
                    Column(clock, itemgetter(PERSON_FACTS + 1 + index), Kind.MIXED, width=6)
                    for index, clock in enumerate(clocks)
                ),
            ],
            rows=(_day_row(row, len(clocks), grid.zone) for row in grid.rows),
            foot=list(_day_foot(grid)),
        )


class ShiftsDownload(_ScheduleDownload):
    """A row for each shift."""

    def table(self, request: HttpRequest, **facts: Any) -> Table:
        place, variant = self.chosen(request, facts)
        people = people_of(variant, request.user, self.filters(request, variant))
        return Table(
            name=_("Shifts"),
            file_name=_file_name(_("Shifts"), place, variant),
            about=_about(place, variant),
            columns=[
                Column(_("Personnel number"), attrgetter("person.personnel_number"), width=14),
                Column(_("Person"), attrgetter("person.name"), width=32),
                Column(_("Department"), attrgetter("person.department")),
                Column(_("Queue"), attrgetter("person.queue")),
                Column(_("Day"), attrgetter("day"), Kind.DATE),
                Column(_("From"), attrgetter("start"), Kind.MOMENT, width=20),
                Column(_("To"), attrgetter("end"), Kind.MOMENT, width=20),
                Column(_("On the own clock"), attrgetter("own_clock"), width=14),
                Column(_("Own time zone"), attrgetter("person.zone"), width=20),
                Column(_("Paid, h"), attrgetter("paid_s"), Kind.HOURS, digits=2),
                Column(_("Edited by hand"), attrgetter("is_edited"), Kind.FLAG),
            ],
            rows=shift_rows(variant, request.user, people),
            zone=place.zone.key,
        )


class ViolationsDownload(_ScheduleDownload):
    """What the check of the variant found."""

    def table(self, request: HttpRequest, **facts: Any) -> Table:
        place, variant = self.chosen(request, facts)
        return Table(
            name=_("Violations"),
            file_name=_file_name(_("Violations"), place, variant),
            about=_about(place, variant),
            columns=[
                Column(_("Person"), attrgetter("name"), width=32),
                Column(_("Rule"), attrgetter("rule"), width=32),
                Column(_("What"), attrgetter("text"), width=70),
                Column(_("Article of the Labour Code"), attrgetter("article"), width=12),
                Column(_("Strictness"), lambda row: RuleMode(row.mode).label, width=12),
                Column(_("From"), attrgetter("start"), Kind.MOMENT, width=20),
                Column(_("To"), attrgetter("end"), Kind.MOMENT, width=20),
            ],
            rows=violations_of(variant, request.user),
            zone=place.zone.key,
        )


class PeopleDownload(_ScheduleDownload):
    """Whom the variant plans, with the norm that it assumed."""

    def table(self, request: HttpRequest, **facts: Any) -> Table:
        place, variant = self.chosen(request, facts)
        rows = people_of(variant, request.user, self.filters(request, variant))
        return Table(
            name=_("Planned people"),
            file_name=_file_name(_("Planned people"), place, variant),
            about=_about(place, variant),
            columns=[
                Column(_("Personnel number"), attrgetter("personnel_number"), width=14),
                Column(_("Person"), attrgetter("name"), width=32),
                Column(_("Department"), attrgetter("department")),
                Column(_("Site"), attrgetter("site")),
                Column(_("Queue"), attrgetter("queue")),
                Column(_("Work rule"), attrgetter("work_rule")),
                Column(_("Own time zone"), attrgetter("zone"), width=20),
                Column(_("Norm, h"), attrgetter("norm_s"), Kind.HOURS),
                Column(_("Violations"), attrgetter("violations"), Kind.INTEGER),
            ],
            rows=rows,
        )


def _about(place: Place, variant: ScheduleVariant) -> list[tuple[str, str]]:
    return [
        (_("Planning group"), place.group.name),
        (_("Month"), date_format(place.month, "YEAR_MONTH_FORMAT")),
        (_("Variant"), f"{variant.number}, {variant.get_state_display()}"),
    ]


def _file_name(name: str, place: Place, variant: ScheduleVariant) -> str:
    return f"{name} {place.group.name} {place.code} {variant.number}"


def _person_columns() -> list[Column]:
    headings = [
        (_("Person"), 32),
        (_("Personnel number"), 14),
        (_("Department"), 20),
        (_("Site"), 16),
        (_("Queue"), 16),
        (_("Work rule"), 20),
        (_("Own time zone"), 18),
        (_("Times here on the clock of"), 18),
    ]
    return [
        Column(heading, itemgetter(place), width=width) for place, (heading, width) in enumerate(headings)
    ]


def _person(row: PersonRow | DayRow, clock: str) -> list[Any]:
    facts = [row.name, row.personnel_number, row.department, row.site, row.queue, row.work_rule, row.zone]
    return [*facts, clock]


def _month_row(row: PersonRow, clock: str) -> list[Any]:
    totals = [row.paid_s, row.norm_s, row.off_norm_s, row.violations]
    return [*_person(row, clock), *map(_month_cell, row.cells), *totals]


def _month_cell(cell: ShiftCell | AbsenceCell | None) -> str | None:
    if isinstance(cell, ShiftCell):
        return cell.text if cell.shifts == 1 else f"{cell.text} ×{cell.shifts}"
    return None if cell is None else absence_code(cell.code)


def _month_foot(grid: MonthGrid) -> Iterator[list[Any]]:
    sums = [grid.paid_s, grid.norm_s, grid.paid_s - grid.norm_s, grid.violations]
    people = [total.people for total in grid.day_totals]
    yield [_("People shown at work"), *[None] * (PERSON_FACTS - 1), *people, *sums]
    for label, name in (
        (_("Required, agent-hours"), "required_s"),
        (_("At work, agent-hours"), "scheduled_s"),
        (_("Under-cover, agent-hours"), "under_s"),
        (_("Over-cover, agent-hours"), "over_s"),
    ):
        hours = [round(getattr(total, name) / HOUR_S, 2) for total in grid.day_totals]
        yield [label, *[None] * (PERSON_FACTS - 1), *hours, *[None] * len(sums)]


def _day_row(row: DayRow, slots: int, clock: str) -> list[Any]:
    lane: list[str | None] = [None] * slots
    if row.absence is not None and not row.segments:
        lane = [absence_code(row.absence.code)] * slots
    for segment in row.segments:
        for slot in range(segment.start_slot, min(segment.end_slot, slots)):
            lane[slot] = activity_code(segment.kind)
    return [*_person(row, clock), row.shift.paid_s if row.shift else None, *lane]


def _day_foot(grid: DayGrid) -> Iterator[list[Any]]:
    cover = grid.cover
    for label, values in (
        (_("Required, agents"), cover.required),
        (_("At work, agents"), cover.scheduled),
        (_("Difference"), cover.scheduled - cover.required),
    ):
        yield [label, *[None] * PERSON_FACTS, *values.tolist()]
