"""The tables of planning as files: variants, their edits, and the required days and intervals."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.core.errors import NotFoundError
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.core.web.spans import DaySpan, read_span
from apps.schedules.models import ScheduleEdit
from apps.schedules.selectors.edit_log import edit_lines
from apps.schedules.selectors.overview import overview
from apps.schedules.selectors.reasons import explain_reasons
from apps.schedules.views.figures import PlanFigures
from apps.schedules.views.place import Place, chosen_variant, place_of, variants_for
from apps.schedules.views.requirement import day_rows, first_busy_day, interval_rows, load_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from apps.schedules.models import ScheduleVariant

MOST_EDITS = 5_000


class VariantsDownload(DownloadView):
    """The variants of a month with what the optimiser reached, and what could not be met."""

    def table(self, request: HttpRequest, **facts: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        place = place_of(request, facts["group"], facts["month"])
        shares = {
            _("Service level"): "service_level",
            _("Under-cover"): "under_share",
            _("Over-cover"): "over_share",
            _("Gap"): "gap",
        }
        return Table(
            name=_("Variants"),
            file_name=f"{_('Variants')} {place.group.name} {place.code}",
            about=_about(place),
            columns=[
                Column(_("Variant"), lambda row: row[0].number, Kind.INTEGER),
                Column(_("State"), lambda row: row[0].get_state_display()),
                *(Column(str(label), _figure(name), Kind.SHARE, width=14) for label, name in shares.items()),
                Column(_("People"), _figure("people"), Kind.INTEGER),
                Column(_("Shifts"), _figure("shifts"), Kind.INTEGER),
                Column(_("Paid, h"), _figure("paid_h"), Kind.NUMBER, digits=1),
                Column(_("Norm, h"), _figure("norm_h"), Kind.NUMBER, digits=1),
                Column(_("Hard violations"), _figure("hard_violations"), Kind.INTEGER),
                Column(_("By"), lambda row: row[0].created_by),
                Column(_("At"), lambda row: row[0].created_at, Kind.MOMENT),
            ],
            rows=[(row, PlanFigures.of(row)) for row in overview(place.group, place.month).variants],
            zone=place.zone.key,
        )


class ReasonsDownload(DownloadView):
    """What a variant could not meet, and why."""

    def table(self, request: HttpRequest, **facts: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        place = place_of(request, facts["group"], facts["month"])
        variant = _variant(request, place)
        return Table(
            name=_("What could not be met, and why"),
            file_name=f"{_('What could not be met')} {place.group.name} {place.code} {variant.number}",
            about=_about(place, variant),
            columns=[Column(_("Reason"), str, width=90)],
            rows=explain_reasons(variant, request.user),
        )


class EditsDownload(DownloadView):
    """The edits of a variant that touch people whom the reader sees, newest first."""

    def table(self, request: HttpRequest, **facts: Any) -> Table:
        require(request.user, Capability.VIEW_SCHEDULE)
        place = place_of(request, facts["group"], facts["month"])
        variant = _variant(request, place)
        log = ScheduleEdit.objects.filter(variant=variant)
        return Table(
            name=_("Edits"),
            file_name=f"{_('Edits')} {place.group.name} {place.code} {variant.number}",
            about=_about(place, variant),
            columns=[
                Column(_("No."), attrgetter("number"), Kind.INTEGER),
                Column(_("When"), attrgetter("when"), Kind.MOMENT, width=20),
                Column(_("Who"), attrgetter("who")),
                Column(_("Edit"), attrgetter("title"), width=50),
                Column(
                    _("What (on the person's clock)"), lambda row: "; ".join(map(str, row.lines)), width=70
                ),
                Column(_("Warnings let pass"), lambda row: ", ".join(map(str, row.allowed)), width=40),
                Column(_("Source"), attrgetter("source")),
                Column(_("Reason"), attrgetter("reason"), width=40),
                Column(_("State"), attrgetter("state")),
            ],
            rows=edit_lines(variant, request.user, log, MOST_EDITS),
            zone=place.zone.key,
        )


class RequiredDaysDownload(DownloadView):
    """Agent-hours required and scheduled on each day of the month."""

    def table(self, request: HttpRequest, **facts: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        place = place_of(request, facts["group"], facts["month"])
        variant = chosen_variant(request, variants_for(request, place))
        load = load_of(place, variant, _whole(place))
        return Table(
            name=_("Days of the month, agent-hours"),
            file_name=f"{_('Requirement by day')} {place.group.name} {place.code}",
            about=[*_about(place, variant), (_("Clock"), place.zone.key)],
            columns=[
                Column(f"{_('Day')}, {place.zone.key}", itemgetter(0), Kind.DATE, width=18),
                *_load_columns(Kind.NUMBER, variant),
            ],
            rows=day_rows(load, place),
        )


class RequiredIntervalsDownload(DownloadView):
    """Agents required and scheduled in the intervals of the day that the page shows."""

    def table(self, request: HttpRequest, **facts: Any) -> Table:
        require(request.user, Capability.VIEW_PLANNING)
        place = place_of(request, facts["group"], facts["month"])
        variant = chosen_variant(request, variants_for(request, place))
        busy = first_busy_day(load_of(place, variant, _whole(place)), place)
        day = read_span(request, first=busy).first
        rows = interval_rows(load_of(place, variant, DaySpan(day, 1)), place.zone)
        return Table(
            name=_("Intervals of the day, agents"),
            file_name=f"{_('Requirement')} {place.group.name} {day}",
            about=[*_about(place, variant), (_("Day"), date_format(day, "SHORT_DATE_FORMAT"))],
            columns=[
                Column(_("Day"), lambda _row: day, Kind.DATE),
                Column(f"{_('Interval start')}, {place.zone.key}", lambda row: row[1].label, width=18),
                *_load_columns(Kind.NUMBER, variant),
            ],
            rows=[(day, row) for row in rows],
        )


def _figure(name: str) -> Any:
    """Read a figure of the second of a pair."""
    read = attrgetter(name)
    return lambda pair: read(pair[1])


def _joined(name: str, mark: str) -> Any:
    read = attrgetter(name)
    return lambda row: mark.join(map(str, read(row)))


def _load_columns(kind: Kind, variant: ScheduleVariant | None) -> list[Column]:
    named = {_("Required"): "required"}
    if variant is not None:
        named |= {_("At work"): "scheduled", _("Under-cover"): "under", _("Over-cover"): "over"}
    return [Column(label, _figure(name), kind, digits=1) for label, name in named.items()]


def _whole(place: Place) -> DaySpan:
    return DaySpan(place.month, (place.next - place.month).days)


def _variant(request: HttpRequest, place: Place) -> ScheduleVariant:
    variant = chosen_variant(request, variants_for(request, place))
    if variant is None:
        raise NotFoundError(_("There is no schedule of this month."))
    return variant


def _about(place: Place, variant: ScheduleVariant | None = None) -> list[tuple[str, str]]:
    facts = [
        (_("Planning group"), place.group.name),
        (_("Month"), date_format(place.month, "YEAR_MONTH_FORMAT")),
    ]
    if variant is not None:
        facts.append((_("Variant"), f"{variant.number}, {variant.get_state_display()}"))
    return facts
