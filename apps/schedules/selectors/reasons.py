"""Why a plan could not meet everything, in the reader's language."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.organization.policies import employees_visible_to
from apps.schedules.selectors.labour_rules import rule_name

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant

PERSON_KEYS = ("employee_id", "worker_id")

SHORTAGES = {
    "head_count": gettext_lazy(
        "%(queue)s: the month needs %(required)s agent-hours, everybody's norm gives %(available)s."
    ),
    "day": gettext_lazy("%(queue)s: on %(day)s %(available)s of %(required)s agent-hours are covered."),
    "closed_to_people": gettext_lazy(
        "%(queue)s: on %(day)s %(required)s agent-hours lie where no work rule lets anybody's shift be;"
        " %(available)s are covered."
    ),
}
CONFLICTS = {
    "absence": gettext_lazy("absences leave no more"),
    "rotation": gettext_lazy("the rotation leaves no more"),
    "open_hours": gettext_lazy("the opening hours leave no more"),
    "previous_period": gettext_lazy("the shifts of the month before leave no more"),
    "rules": gettext_lazy("the other rules leave no more"),
}


def reasons_visible_to(user: User | AnonymousUser, variant: ScheduleVariant) -> list[dict[str, Any]]:
    """Give the reasons of the variant without those about people whom `user` may not see; one query."""
    people = [person for person in map(_person, variant.reasons) if person is not None]
    seen = set(employees_visible_to(user).filter(pk__in=people).values_list("pk", flat=True))
    return [reason for reason in variant.reasons if (person := _person(reason)) is None or person in seen]


def explain_reasons(variant: ScheduleVariant, user: User | AnonymousUser) -> list[str]:
    """Give a sentence for each reason that `user` may know of."""
    return [explain_reason(reason, variant.month) for reason in reasons_visible_to(user, variant)]


def _person(reason: dict[str, Any]) -> int | None:
    return next((reason[key] for key in PERSON_KEYS if key in reason), None)


def explain_reason(reason: dict[str, Any], month: dt.date) -> str:
    """Say one reason; figures are hours."""
    if reason["kind"] == "left_out":
        return _("%(name)s is not planned: no work rule.") % reason
    if reason["kind"] == "nobody":
        return _("%(queue)s: nobody is a main member.") % reason
    if reason["kind"] == "shortage":
        return str(SHORTAGES[reason["key"]]) % {
            "queue": reason["queue"],
            "required": _hours(reason["required_h"]),
            "available": _hours(reason["available_h"]),
            "day": _day(month, reason.get("day")),
        }
    return _(
        "%(name)s: rule “%(rule)s” (art. %(article)s) asks for %(limit)s h, %(reachable)s h fit: %(why)s."
    ) % {
        "name": reason["name"],
        "rule": rule_name(reason["code"]),
        "article": reason["article"],
        "limit": _hours(reason["limit_h"]),
        "reachable": _hours(reason["reachable_h"]),
        "why": CONFLICTS[reason["reason"]],
    }


def _hours(value: float) -> str:
    return number_format(round(value, 1), decimal_pos=1)


def _day(month: dt.date, index: int | None) -> str:
    return "" if index is None else date_format(month + dt.timedelta(days=index), "SHORT_DATE_FORMAT")
