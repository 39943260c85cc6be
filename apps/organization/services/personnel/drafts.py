"""What becomes of one wanted person: the new card and terms, told as texts of old and new."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.organization.models import Employee
from apps.organization.services.checking import check_zone
from apps.organization.services.personnel.state import login_key
from apps.organization.services.personnel.timeline import Span, held_on, keep_to, set_from
from apps.organization.types import PersonPlan

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from apps.organization.services.personnel.places import Places
    from apps.organization.services.personnel.state import Known
    from apps.organization.types import WantedPerson

MOST_CHARS = {
    "personnel_number": 20,
    "external_id": 64,
    "last_name": 80,
    "first_name": 80,
    "middle_name": 80,
}
CARD = tuple(MOST_CHARS)
NEEDED = ("personnel_number", "last_name", "first_name")
PLACE = {"department": "department_id", "position": "position_id", "site": "site_id"}
TERMS_FROM = "terms_from"
DEFAULTS = {
    "time_zone": "",
    "rate": Decimal(1),
    "weekly_norm_minutes": 2400,
    "max_shift_minutes": None,
    "overtime_consent": False,
    "night_consent": True,
}
MOST_RATE = Decimal("9.999")
MOST_NORM_MINUTES = 3600
HOUR_MINUTES = 60
RATE_STEP = Decimal("0.001")


class RefusedPersonError(Exception):
    """A person who cannot be taken over: which field, why."""

    def __init__(self, field_name: str, reason: str) -> None:
        super().__init__(field_name, reason)
        self.field = field_name
        self.reason = reason


@dataclass
class Draft:
    """A person as they would be; `spans` are all their terms, `before` those that there are."""

    key: str
    employee: Employee
    before: tuple[Span, ...]
    spans: tuple[Span, ...]
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    new_login: str = ""

    @property
    def is_new(self) -> bool:
        return self.employee.pk is None

    @property
    def action(self) -> str:
        if self.is_new:
            return "create"
        if self.fields.get("dismissed_on", ("x", ""))[0] == "" and self.fields["dismissed_on"][1]:
            return "dismiss"
        return "update" if self.fields else "none"

    def plan(self) -> PersonPlan:
        return PersonPlan(
            self.key,
            self.action,
            str(self.employee),
            self.employee.personnel_number,
            self.employee.pk,
            self.fields,
        )


def draft_person(wanted: WantedPerson, known: Known, places: Places, today: dt.date) -> Draft:
    """Make what the person would be; `RefusedPersonError` names what forbids it."""
    employee = _card(wanted, known)
    fields = _take_card(employee, wanted)
    days_before = (employee.hired_on, employee.dismissed_on)
    fields |= _take_days(employee, wanted, today)
    before = known.terms.get(employee.pk, ()) if employee.pk else ()
    days = (employee.hired_on, employee.dismissed_on)
    spans = before if days == days_before else keep_to(before, before=days_before, after=days)
    if spans:
        is_hired_anew = len(spans) > len(before)
        day = min(today, employee.hired_on) if is_hired_anew else today
        spans = _take_terms(spans, wanted, places, day, fields)
    else:
        spans = (_first_terms(employee, wanted, places, fields),)
    draft = Draft(wanted.key, employee, before, spans, fields)
    _take_login(draft, wanted, known)
    return draft


def _card(wanted: WantedPerson, known: Known) -> Employee:
    if wanted.employee_id is None:
        for name in NEEDED:
            if not getattr(wanted, name):
                raise RefusedPersonError(name, _("A new person needs it."))
        return Employee()
    employee = known.people.get(wanted.employee_id)
    if employee is None:
        raise RefusedPersonError("", _("There is no such employee."))
    return employee


def _take_card(employee: Employee, wanted: WantedPerson) -> dict[str, tuple[str, str]]:
    fields = {}
    for name in CARD:
        value = getattr(wanted, name)
        if value is None or value == getattr(employee, name):
            continue
        most = MOST_CHARS[name]
        if len(value) > most:
            raise RefusedPersonError(name, _("It is longer than %(most)s characters.") % {"most": most})
        if not value and name in NEEDED:
            raise RefusedPersonError(name, _("It may not be empty."))
        fields[name] = (getattr(employee, name), value)
        setattr(employee, name, value)
    return fields


def _take_days(employee: Employee, wanted: WantedPerson, today: dt.date) -> dict[str, tuple[str, str]]:
    is_new = employee.pk is None
    before = (None if is_new else employee.hired_on, employee.dismissed_on)
    employee.hired_on = wanted.hired_on or (today if is_new else employee.hired_on)
    if wanted.is_dismissal_said:
        employee.dismissed_on = wanted.dismissed_on
    if employee.dismissed_on is not None and employee.dismissed_on < employee.hired_on:
        raise RefusedPersonError("dismissed_on", _("The last working day lies before the hire."))
    after = (employee.hired_on, employee.dismissed_on)
    return {
        name: (_day(old), _day(new))
        for name, old, new in zip(("hired_on", "dismissed_on"), before, after, strict=True)
        if old != new
    }


def _take_terms(
    spans: tuple[Span, ...],
    wanted: WantedPerson,
    places: Places,
    today: dt.date,
    fields: dict[str, tuple[str, str]],
) -> tuple[Span, ...]:
    """Let the wanted facts hold: a place from its day, a norm from its, whatever has no day from today."""
    place, norm = _wanted_place(wanted, places), _wanted_norm(wanted)
    for facts, said, leading in (
        (place, wanted.placed_from, "position_id"),
        (norm, wanted.norm_from, "weekly_norm_minutes"),
    ):
        since = max(_since(spans, facts, said, leading, today), spans[0].first)
        changed = set_from(spans, facts, since, today)
        if changed is not spans and changed != spans:
            old = held_on(spans, max(since, today)).facts
            fields |= _told_terms(old, {**old, **facts}, places)
            fields[TERMS_FROM] = (
                "",
                ", ".join(filter(None, (fields.get(TERMS_FROM, ("", ""))[1], _day(since)))),
            )
        spans = changed
    return spans


def _since(
    spans: tuple[Span, ...], facts: Mapping[str, Any], said: dt.date | None, leading: str, today: dt.date
) -> dt.date:
    """Give the day from which a change holds.

    The day that is said is that of the leading fact; where another one changes, it counts only if it is newer
    than what is known.
    """
    if said is None:
        return today
    now = held_on(spans, max(said, today))
    is_leading = leading in facts and now.facts[leading] != facts[leading]
    return said if is_leading or said > now.first else today


def _first_terms(
    employee: Employee, wanted: WantedPerson, places: Places, fields: dict[str, tuple[str, str]]
) -> Span:
    facts: dict[str, Any] = {**DEFAULTS, **_wanted_norm(wanted)}
    facts |= _wanted_place(wanted, places)
    for name, column in PLACE.items():
        if column not in facts:
            default = places.id_of(name, "")
            if default is None:
                raise RefusedPersonError(name, _("A new person needs it."))
            facts[column] = default
    fields |= _told_terms({}, facts, places)
    return Span(employee.hired_on, employee.dismissed_on, facts)


def _wanted_place(wanted: WantedPerson, places: Places) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, column in PLACE.items():
        key = getattr(wanted, name)
        if key is None:
            continue
        found = places.id_of(name, key)
        if found is None:
            raise RefusedPersonError(name, _("There is no “%(key)s”.") % {"key": key})
        facts[column] = found
    if wanted.time_zone is not None:
        try:
            check_zone(wanted.time_zone)
        except DomainError as refusal:
            raise RefusedPersonError("time_zone", refusal.message) from refusal
        facts["time_zone"] = wanted.time_zone
    return facts


def _wanted_norm(wanted: WantedPerson) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if wanted.rate is not None:
        if not 0 <= wanted.rate <= MOST_RATE:
            raise RefusedPersonError("rate", _("%(text)s is out of range.") % {"text": wanted.rate})
        facts["rate"] = wanted.rate.quantize(RATE_STEP)
    if wanted.weekly_norm_minutes is not None:
        if not 0 <= wanted.weekly_norm_minutes <= MOST_NORM_MINUTES:
            told = _hours(wanted.weekly_norm_minutes)
            raise RefusedPersonError("weekly_norm", _("%(text)s is out of range.") % {"text": told})
        facts["weekly_norm_minutes"] = wanted.weekly_norm_minutes
    return facts


def _told_terms(
    before: Mapping[str, Any], after: Mapping[str, Any], places: Places
) -> dict[str, tuple[str, str]]:
    """Tell what differs, as a person reads it."""

    def told(facts: Mapping[str, Any]) -> dict[str, str]:
        if not facts:
            return {}
        names = {name: places.name_of(name, facts[column]) for name, column in PLACE.items()}
        return names | {
            "time_zone": facts["time_zone"],
            "rate": f"{facts['rate'].normalize():f}",
            "weekly_norm": _hours(facts["weekly_norm_minutes"]),
        }

    old, new = told(before), told(after)
    return {name: (old.get(name, ""), text) for name, text in new.items() if text != old.get(name, "")}


def _take_login(draft: Draft, wanted: WantedPerson, known: Known) -> None:
    """Link the account of the login; one that is another person's stays theirs (a login may repeat)."""
    if not wanted.login:
        return
    employee, key = draft.employee, login_key(wanted.login)
    account = known.accounts.get(key)
    now = known.usernames.get(employee.user_id, "") if employee.user_id is not None else ""
    if now and login_key(now) == key:
        return
    if account is None:
        draft.new_login = wanted.login if not now else ""
        return
    if account.employee_id is not None and account.employee_id != employee.pk:
        return
    employee.user_id = account.user_id
    draft.fields["login"] = (now, account.username)


def _hours(minutes: int) -> str:
    return f"{Decimal(minutes) / HOUR_MINUTES:.2f}".rstrip("0").rstrip(".")


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""
