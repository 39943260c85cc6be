"""Who would be created, changed or dismissed, field by field: reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.organization.services.personnel.drafts import Draft, RefusedPersonError, draft_person
from apps.organization.services.personnel.places import find_places
from apps.organization.services.personnel.state import Known, load_known, login_key
from apps.organization.types import PersonnelPlan, Problem

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from apps.organization.services.personnel.places import Places
    from apps.organization.types import WantedPerson, WantedStructure


def plan_people(
    people: Sequence[WantedPerson], structure: WantedStructure, *, today: dt.date
) -> PersonnelPlan:
    """Give what `apply_people` would do, without doing it. Eight queries for any number of people."""
    places = find_places(structure, people)
    known = load_known(people, lock=False)
    drafts, problems = draft_people(people, known, places, today)
    return PersonnelPlan(
        people=tuple(draft.plan() for draft in drafts),
        structure=places.changes(),
        problems=(*places.problems, *problems),
    )


def draft_people(
    people: Sequence[WantedPerson], known: Known, places: Places, today: dt.date
) -> tuple[list[Draft], list[Problem]]:
    """Draft everybody; who cannot be taken over is named with the reason."""
    drafts: list[Draft] = []
    problems: list[Problem] = []
    seen: set[tuple[str, object]] = set()
    taken_logins: set[str] = set()
    for person in people:
        try:
            _check_own(person, known, seen)
            draft = draft_person(person, known, places, today)
        except RefusedPersonError as refusal:
            problems.append(Problem(person.key, refusal.field, refusal.reason))
            continue
        _take_one_login_once(draft, known, taken_logins)
        drafts.append(draft)
    return drafts, problems


def _check_own(person: WantedPerson, known: Known, seen: set[tuple[str, object]]) -> None:
    """Refuse a number or id that is somebody else's; of several new people with one the first has it."""
    if person.employee_id is not None and ("employee_id", person.employee_id) in seen:
        raise RefusedPersonError("", _("Several people of the other system are this employee."))
    own: set[tuple[str, object]] = {("employee_id", person.employee_id)}
    for name, owners in (("personnel_number", known.numbers), ("external_id", known.external_ids)):
        value = getattr(person, name)
        if not value:
            continue
        owner = owners.get(value)
        if (owner is not None and owner != person.employee_id) or (name, value) in seen:
            raise RefusedPersonError(name, _("“%(text)s” is another person's already.") % {"text": value})
        own.add((name, value))
    seen |= own


def _take_one_login_once(draft: Draft, known: Known, taken: set[str]) -> None:
    """Let the first of several people with one login have the account: it belongs to one card only."""
    linked = draft.fields.get("login")
    key = login_key(linked[1] if linked else draft.new_login)
    if not key:
        return
    if key in taken:
        draft.new_login = ""
        if linked:
            draft.employee.user_id = next(
                (pk for pk, name in known.usernames.items() if name == linked[0]), None
            )
            del draft.fields["login"]
    taken.add(key)
