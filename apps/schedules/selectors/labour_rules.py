"""The labour rules as they are set, and their words for a finding."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.algorithms.rostering.rules import REGISTRY, LabourRule, Mode
from apps.core.errors import DomainError
from apps.schedules.choices import RuleSpan
from apps.schedules.models import LabourRuleSetting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise


class Explained(Protocol):
    """What a finding has to have to be said in words, stored or not."""

    @property
    def code(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def measured(self) -> int: ...
    @property
    def limit(self) -> int: ...
    @property
    def unit(self) -> str: ...


RULES: dict[str, tuple[_StrPromise, _StrPromise]] = {
    "absence": (
        gettext_lazy("Absence"),
        gettext_lazy("Nobody has a shift while on leave, ill, not yet hired or already dismissed."),
    ),
    "daily_rest": (
        gettext_lazy("Daily rest"),
        gettext_lazy("The least rest between two shifts; the Code has no figure, a local act sets it."),
    ),
    "lunch_and_breaks": (
        gettext_lazy("Lunch and breaks"),
        gettext_lazy("Lunch of 30 minutes to 2 hours in shifts over 4 hours; no long work without a break."),
    ),
    "max_consecutive_days": (
        gettext_lazy("Working days in a row"),
        gettext_lazy("The most days in a row on which a shift begins."),
    ),
    "max_shift": (
        gettext_lazy("Longest shift"),
        gettext_lazy("The longest paid time of a shift; a person's own smaller limit comes first."),
    ),
    "month_norm": (
        gettext_lazy("Norm of the month"),
        gettext_lazy("Paid time of the month against the norm under summarised accounting."),
    ),
    "night_ban": (
        gettext_lazy("Night work"),
        gettext_lazy("No work at night for minors, pregnant women and others who are exempt from it."),
    ),
    "no_overlap": (
        gettext_lazy("Overlap"),
        gettext_lazy("A person is in one place at a time."),
    ),
    "no_two_shifts_in_row": (
        gettext_lazy("Two shifts in a row"),
        gettext_lazy("A second shift may not follow the first without a pause."),
    ),
    "weekly_rest": (
        gettext_lazy("Weekly rest"),
        gettext_lazy("Uninterrupted rest inside each calendar week, Monday to Sunday."),
    ),
}

FINDINGS: dict[str, _StrPromise] = {
    "absence": gettext_lazy("%(measured)s of a shift fall into an absence."),
    "daily_rest": gettext_lazy("Rest between shifts is %(measured)s, at least %(limit)s is due."),
    "lunch_and_breaks.break_count": gettext_lazy("%(measured)s breaks instead of %(limit)s."),
    "lunch_and_breaks.break_length": gettext_lazy("A break of %(measured)s instead of %(limit)s."),
    "lunch_and_breaks.continuous": gettext_lazy("Work of %(measured)s without a break, %(limit)s at most."),
    "lunch_and_breaks.lunch_early": gettext_lazy("Lunch after %(measured)s, not before %(limit)s."),
    "lunch_and_breaks.lunch_late": gettext_lazy("Lunch after %(measured)s, not later than %(limit)s."),
    "lunch_and_breaks.lunch_length": gettext_lazy("Lunch of %(measured)s instead of %(limit)s."),
    "lunch_and_breaks.lunch_long": gettext_lazy("Lunch of %(measured)s, %(limit)s at most."),
    "lunch_and_breaks.lunch_short": gettext_lazy("Lunch of %(measured)s, at least %(limit)s is due."),
    "lunch_and_breaks.no_lunch": gettext_lazy("A shift of %(measured)s without lunch, due above %(limit)s."),
    "lunch_and_breaks.partition": gettext_lazy("The activities do not fill the shift."),
    "lunch_and_breaks.run_short": gettext_lazy("Work of %(measured)s between breaks, at least %(limit)s."),
    "max_consecutive_days": gettext_lazy("%(measured)s working days in a row, %(limit)s at most."),
    "max_shift": gettext_lazy("A shift of %(measured)s paid, %(limit)s at most."),
    "month_norm.over": gettext_lazy("%(measured)s paid in the month, %(limit)s at most."),
    "month_norm.under": gettext_lazy("%(measured)s paid in the month, at least %(limit)s is due."),
    "night_ban": gettext_lazy("%(measured)s of work at night, which is forbidden to this person."),
    "no_overlap": gettext_lazy("Two shifts overlap by %(measured)s."),
    "no_two_shifts_in_row.adjacent": gettext_lazy(
        "Two shifts in a row: a pause of %(measured)s, at least %(limit)s is due."
    ),
    "no_two_shifts_in_row.same_day": gettext_lazy("%(measured)s shifts begin on one day."),
    "weekly_rest": gettext_lazy("The longest rest of the week is %(measured)s, at least %(limit)s is due."),
}


def active_rules(*, for_edit: bool = False) -> tuple[LabourRule, ...]:
    """Give every rule that is not ignored, with its set figures; one query.

    `for_edit` leaves out rules that only planning keeps.
    """
    settings = {row.code: row for row in LabourRuleSetting.objects.all()}
    rules = []
    for code in sorted(REGISTRY):
        row = settings.get(code)
        if row is None:
            rules.append(REGISTRY[code]())
        elif row.mode != Mode.IGNORE and not (for_edit and row.span == RuleSpan.PLANNING):
            rules.append(build_rule(code, row.mode, row.parameters))
    return tuple(rules)


def planning_only() -> frozenset[str]:
    """Give the codes of the rules that only planning keeps; one query."""
    codes = LabourRuleSetting.objects.filter(span=RuleSpan.PLANNING).values_list("code", flat=True)
    return frozenset(codes)


def build_rule(code: str, mode: str, parameters: Mapping[str, Any]) -> LabourRule:
    """Give the rule with these figures; `DomainError` names an unknown rule or a wrong figure."""
    if code not in REGISTRY:
        raise DomainError(_("There is no labour rule %(code)s.") % {"code": code}, fields={"code": [code]})
    known = default_figures(code)
    for name, value in parameters.items():
        if name not in known or isinstance(value, bool) or not isinstance(value, int) or value < 0:
            message = _("Labour rule %(code)s: %(name)s = %(value)s is not a figure of it.") % {
                "code": code,
                "name": name,
                "value": value,
            }
            raise DomainError(message, fields={"parameters": [message]})
    return REGISTRY[code](mode=Mode(mode), **parameters)  # type: ignore[call-arg]


def default_figures(code: str) -> dict[str, int]:
    """Give the figures of a rule as the Code has them; names end in their unit (`_s`, `_days`)."""
    rule: Any = REGISTRY[code]()
    return {
        field.name: getattr(rule, field.name) for field in dataclasses.fields(rule) if field.name != "mode"
    }


def figures_of(rule: LabourRule) -> dict[str, Any]:
    """Give what a rule is set to, for the stamp of a variant and the export."""
    held: Any = rule
    return {"mode": str(rule.mode), "article": rule.article} | {
        field.name: getattr(held, field.name) for field in dataclasses.fields(held) if field.name != "mode"
    }


def rule_name(code: str) -> str:
    return str(RULES[code][0]) if code in RULES else code


def article_of(code: str) -> str:
    """Give the article of the Labour Code that the rule stands on."""
    return REGISTRY[code].article if code in REGISTRY else ""


def explain(row: Explained) -> str:
    """Say in the reader's language what was found, with the article of the Labour Code."""
    figures = {"measured": _figure(row.measured, row.unit), "limit": _figure(row.limit, row.unit)}
    text = str(FINDINGS[row.key]) % figures if row.key in FINDINGS else row.key
    article = article_of(row.code)
    return _("%(text)s (Labour Code, art. %(article)s)") % {"text": text, "article": article}


def _figure(value: int, unit: str) -> str:
    if unit != "s":
        return str(value)
    hours, minutes = divmod(abs(value) // 60, 60)
    return _("%(hours)s h %(minutes)02d min") % {"hours": hours, "minutes": minutes}
