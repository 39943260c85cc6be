"""Write what another system says of many people: one transaction, a constant number of queries.

Who the database refuses is found by halves and named; the others are written. What is already so is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import DataError, IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.audit.services import Change, record_many
from apps.core.locks import advisory_lock
from apps.organization.models import Employee, EmploymentTerms, PersonalLimit, QueueMembership
from apps.organization.services.employment import TERMS
from apps.organization.services.personnel.accounts import make_accounts
from apps.organization.services.personnel.drafts import CARD, TERMS_FROM
from apps.organization.services.personnel.places import find_places, store_places
from apps.organization.services.personnel.planning import draft_people
from apps.organization.services.personnel.state import load_known
from apps.organization.types import PersonnelOutcome, Problem

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from apps.accounts.models import User
    from apps.organization.services.personnel.drafts import Draft
    from apps.organization.services.personnel.timeline import Span
    from apps.organization.types import WantedPerson, WantedStructure

    Fields = Mapping[str, tuple[str, str]]

LOCK = "organization.personnel"
CARD_COLUMNS = (*CARD, "user", "hired_on", "dismissed_on")
TERM_COLUMNS = ("valid_from", "valid_to", *(name.removesuffix("_id") for name in TERMS))


@transaction.atomic
def apply_people(
    people: Sequence[WantedPerson],
    structure: WantedStructure,
    *,
    actor: User | None,
    today: dt.date,
    source: str,
    expected: Mapping[str, Fields] | None = None,
    create_accounts: bool = False,
    approved_by: User | None = None,
) -> PersonnelOutcome:
    """Take over what is wanted of people; `source` and whoever approved it are told in the audit.

    `expected` holds by key the fields of a plan that somebody saw: who has changed since then is refused by
    name. With `create_accounts` a login that nobody has becomes an account with the role of an employee.
    Raises `NotAllowedError`, and `ConflictError` while another such work goes on for long.
    """
    require(actor, Capability.EDIT_MASTER_DATA)
    actor = actor or approved_by  # the system acts, somebody let it
    advisory_lock(LOCK)
    places = find_places(structure, people)
    known = load_known(people, lock=True)
    store_places(places, actor=actor)
    drafts, problems = draft_people(people, known, places, today)
    if expected is not None:
        drafts, changed = _still_as_seen(drafts, expected)
        problems += changed
    outcome = PersonnelOutcome(problems=[*places.problems, *problems])
    written = [draft for draft in drafts if draft.action != "none" or draft.spans != draft.before]
    outcome.unchanged = len(drafts) - len(written)
    if create_accounts:
        make_accounts(written, today=today, actor=actor)
    refused = _write(written)
    kept = [draft for draft in written if draft.key not in refused]
    outcome.problems += [Problem(key, "", reason) for key, reason in refused.items()]
    _count(outcome, kept, drafts, refused)
    record_many((_told(draft, source) for draft in kept), actor=actor)
    return outcome


def _still_as_seen(
    drafts: Sequence[Draft], expected: Mapping[str, Fields]
) -> tuple[list[Draft], list[Problem]]:
    kept: list[Draft] = []
    problems: list[Problem] = []
    for draft in drafts:
        seen = _comparable(expected.get(draft.key, {}))
        now = _comparable(draft.fields)
        if now and now != seen:
            other = sorted(name for name in {*now, *seen} if now.get(name) != seen.get(name))
            problems.append(Problem(draft.key, other[0], _("It was changed after the plan was made.")))
        else:
            kept.append(draft)
    return kept, problems


def _comparable(fields: Fields) -> dict[str, tuple[str, str]]:
    """Give the fields without the day from which they hold: it may be that of the approval."""
    return {name: (told[0], told[1]) for name, told in fields.items() if name != TERMS_FROM}


def _write(drafts: Sequence[Draft]) -> dict[str, str]:
    """Write people; give by key why the database refused some of them. Halves, only where it does."""
    if not drafts:
        return {}
    new = [draft.employee for draft in drafts if draft.is_new]
    try:
        with transaction.atomic():
            _store(drafts)
    except (IntegrityError, DataError) as refusal:
        for employee in new:
            employee.pk = None
        if len(drafts) == 1:
            return {drafts[0].key: _reason(refusal)}
        middle = len(drafts) // 2
        return _write(drafts[:middle]) | _write(drafts[middle:])
    return {}


def _store(drafts: Sequence[Draft]) -> None:
    changed = [draft.employee for draft in drafts if not draft.is_new and draft.fields]
    new = [draft.employee for draft in drafts if draft.is_new]
    _overwrite(Employee, changed, CARD_COLUMNS)
    if new:
        Employee.objects.bulk_create(new)
    _store_terms(drafts)
    _end_with_employment([draft.employee for draft in drafts if "dismissed_on" in draft.fields])


def _store_terms(drafts: Sequence[Draft]) -> None:
    """Remove, shorten, lengthen, add: in this order no two terms of a person ever meet."""
    removed: list[int] = []
    shorter: list[EmploymentTerms] = []
    longer: list[EmploymentTerms] = []
    added: list[EmploymentTerms] = []
    for draft in drafts:
        before = {span.row_id: span for span in draft.before}
        kept = {span.row_id for span in draft.spans}
        removed += [pk for pk in before if pk is not None and pk not in kept]
        for span in draft.spans:
            if span.row_id is None:
                added.append(_terms(draft.employee, span))
            elif span != before[span.row_id]:
                target = longer if _reaches_further(span, before[span.row_id]) else shorter
                target.append(_terms(draft.employee, span))
    if removed:
        EmploymentTerms.objects.filter(pk__in=removed).delete()
    _overwrite(EmploymentTerms, shorter, TERM_COLUMNS)
    _overwrite(EmploymentTerms, longer, TERM_COLUMNS)
    if added:
        EmploymentTerms.objects.bulk_create(added)


def _overwrite(model: type[Any], rows: Sequence[Employee | EmploymentTerms], columns: Sequence[str]) -> None:
    """Write rows that are there (and locked) in one statement, however many."""
    if rows:
        model._default_manager.bulk_create(  # noqa: SLF001 - Django's public name for it
            rows, update_conflicts=True, unique_fields=["pk"], update_fields=columns
        )


def _reaches_further(span: Span, before: Span) -> bool:
    is_longer = before.last is not None and (span.last is None or span.last > before.last)
    return is_longer or span.first < before.first


def _end_with_employment(employees: Sequence[Employee]) -> None:
    """Let places in queues and personal limits end with the employment; those that begin later go."""
    left = [employee.pk for employee in employees if employee.dismissed_on is not None]
    if not left:
        return
    last_day = Subquery(Employee.objects.filter(pk=OuterRef("employee")).values("dismissed_on"))
    for model in (QueueMembership, PersonalLimit):
        rows = model._default_manager.filter(employee__in=left)  # noqa: SLF001 - Django's public name for it
        rows.filter(valid_from__gt=F("employee__dismissed_on")).delete()
        rows.exclude(valid_to__lte=F("employee__dismissed_on")).update(valid_to=last_day)


def _terms(employee: Employee, span: Span) -> EmploymentTerms:
    return EmploymentTerms(
        pk=span.row_id, employee=employee, valid_from=span.first, valid_to=span.last, **span.facts
    )


def _count(
    outcome: PersonnelOutcome, kept: Sequence[Draft], drafts: Sequence[Draft], refused: Mapping[str, str]
) -> None:
    for draft in kept:
        if "hired_on" in draft.fields and draft.fields["hired_on"][0] == "":
            outcome.created += 1
        elif draft.action == "dismiss":
            outcome.dismissed += 1
        else:
            outcome.updated += 1
        outcome.changed_ids.append(draft.employee.pk)
    for draft in drafts:
        if draft.key not in refused:
            outcome.employee_ids[draft.key] = draft.employee.pk


def _told(draft: Draft, source: str) -> Change:
    before = {name: old for name, (old, _new) in draft.fields.items() if old}
    after = {name: new for name, (_old, new) in draft.fields.items()} | {"source": source}
    is_new = draft.fields.get("hired_on", ("x", ""))[0] == ""
    action = "employee.hire" if is_new else "employee.reconcile"
    return Change(action, draft.employee, before=before or None, after=after)


def _reason(refusal: Exception) -> str:
    constraint = getattr(getattr(refusal.__cause__, "diag", None), "constraint_name", None) or ""
    if "terms" in constraint:
        return _("The dates of the terms overlap.")
    if "personnel_number" in constraint or "external_id" in constraint:
        return _("The personnel number or external id is another person's already.")
    return _("The database refuses it: %(what)s.") % {"what": constraint or type(refusal).__name__}
