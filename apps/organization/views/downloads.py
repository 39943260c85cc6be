"""People and queues as files: what the reader may see, with what holds today."""

from __future__ import annotations

import datetime as dt
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.organization.filters import EmployeeFilter
from apps.organization.policies import employees_visible_to, queues_visible_to
from apps.organization.selectors import card_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

Card = dict[str, Any]
HOUR_MINUTES = 60
NAMES = ("last_name", "first_name", "middle_name")


class EmployeesDownload(DownloadView):
    """People with the terms, queues and skills of today; personal limits never leave this way."""

    def table(self, request: HttpRequest, **_place: Any) -> Table:
        require(request.user, Capability.VIEW_SCHEDULE)
        people = EmployeeFilter(request.GET, queryset=employees_visible_to(request.user)).qs
        return Table(
            name=_("Employees"),
            columns=[
                Column(_("Personnel number"), itemgetter("personnel_number"), width=14),
                Column(_("Full name"), _full_name, width=36),
                Column(_("Position"), _name_of("position")),
                Column(_("Department"), _name_of("department")),
                Column(_("Site"), _name_of("site")),
                Column(_("Time zone"), _term("time_zone"), width=20),
                Column(_("Rate"), _term("rate"), Kind.NUMBER),
                Column(_("Weekly norm, h"), _weekly_hours, Kind.NUMBER, digits=1),
                Column(_("Night work"), _term("night_consent"), Kind.FLAG, width=10),
                Column(_("Overtime"), _term("overtime_consent"), Kind.FLAG, width=10),
                Column(_("Queues"), lambda card: _joined(card["queues"])),
                Column(_("Skills"), _skills),
                Column(_("Hired on"), itemgetter("hired_on"), Kind.DATE),
                Column(_("Last working day"), itemgetter("dismissed_on"), Kind.DATE),
                Column(_("External id"), itemgetter("external_id"), width=14),
            ],
            rows=card_rows(people.order_by("last_name", "first_name", "id")),
        )


class QueuesDownload(DownloadView):
    """The queues with how they are planned."""

    def table(self, request: HttpRequest, **_place: Any) -> Table:
        require(request.user, Capability.VIEW_SCHEDULE)
        queues = queues_visible_to(request.user).select_related("service")
        return Table(
            name=_("Queues"),
            columns=[
                Column(_("Code"), attrgetter("code")),
                Column(_("Name"), attrgetter("name"), width=36),
                Column(_("Service"), attrgetter("service.name")),
                Column(_("Channel"), lambda queue: queue.get_channel_display()),
                Column(_("Priority"), attrgetter("priority"), Kind.INTEGER),
                Column(_("Time zone"), attrgetter("time_zone"), width=20),
                Column(_("Planning step, minutes"), attrgetter("step_minutes"), Kind.INTEGER),
                Column(_("Opening hours"), _opening_hours, width=40),
                Column(_("Production calendar"), attrgetter("calendar_code"), width=14),
                Column(_("Closed on holidays"), attrgetter("closed_on_holidays"), Kind.FLAG),
                Column(_("External id"), attrgetter("external_id"), width=14),
            ],
            rows=queues.prefetch_related("opening_hours"),
        )


def _full_name(card: Card) -> str:
    return " ".join(card[name] for name in NAMES if card[name])


def _term(name: str) -> Callable[[Card], Any]:
    return lambda card: (card["terms"] or {}).get(name)


def _name_of(name: str) -> Callable[[Card], str | None]:
    return lambda card: ((card["terms"] or {}).get(name) or {}).get("name")


def _weekly_hours(card: Card) -> float | None:
    minutes = (card["terms"] or {}).get("weekly_norm_minutes")
    return None if minutes is None else minutes / HOUR_MINUTES


def _joined(facts: list[dict[str, Any]]) -> str:
    return ", ".join(fact["code"] for fact in facts)


def _skills(card: Card) -> str:
    return ", ".join(f"{code} ({level})" for code, level in card["skills"].items())


def _opening_hours(queue: Any) -> str:
    """Give `Mon 09:00–18:00; …`; nothing for a queue that is always open."""
    monday = dt.date(2024, 1, 1)
    return "; ".join(
        f"{_weekday(monday + dt.timedelta(days=hours.weekday))}"
        f" {_clock(hours.opens_minute)}–{_clock(hours.closes_minute)}"
        for hours in queue.opening_hours.all()
    )


def _weekday(day: dt.date) -> str:
    return date_format(day, "D")


def _clock(minute: int) -> str:
    return f"{minute // HOUR_MINUTES:02d}:{minute % HOUR_MINUTES:02d}"
