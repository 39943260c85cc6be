"""What is known of the people that are wanted: read at once, whatever their number."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.functions import Lower

from apps.accounts.models import User
from apps.core.locks import lock_rows
from apps.organization.models import Employee, EmploymentTerms
from apps.organization.services.employment import TERMS
from apps.organization.services.personnel.timeline import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.organization.types import WantedPerson


@dataclass(frozen=True)
class Account:
    """A user whose name somebody's login is, and whose account it is already."""

    user_id: int
    username: str
    employee_id: int | None


@dataclass
class Known:
    """Cards and terms by employee; whose a personnel number or external id is; accounts by login."""

    people: dict[int, Employee] = field(default_factory=dict)
    terms: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    external_ids: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    usernames: dict[int, str] = field(default_factory=dict)


def load_known(people: Sequence[WantedPerson], *, lock: bool) -> Known:
    """Read what is known, in five queries; with `lock` the cards stay locked until the transaction ends."""
    ids = [person.employee_id for person in people if person.employee_id is not None]
    cards = Employee.objects.filter(pk__in=ids)
    rows = lock_rows(cards) if lock else list(cards)
    known = Known(people={row.pk: row for row in rows})
    spans: defaultdict[int, list[Span]] = defaultdict(list)
    names = ("pk", "employee_id", "valid_from", "valid_to", *TERMS)
    for pk, employee_id, first, last, *facts in (
        EmploymentTerms.objects.filter(employee__in=ids).order_by("valid_from").values_list(*names)
    ):
        spans[employee_id].append(Span(first, last, dict(zip(TERMS, facts, strict=True)), pk))
    known.terms = {pk: tuple(found) for pk, found in spans.items()}
    numbers = [person.personnel_number for person in people if person.personnel_number]
    outer_ids = [person.external_id for person in people if person.external_id]
    for pk, number, external_id in Employee.objects.filter(
        Q(personnel_number__in=numbers) | Q(external_id__in=outer_ids)
    ).values_list("pk", "personnel_number", "external_id"):
        known.numbers[number] = pk
        if external_id:
            known.external_ids[external_id] = pk
    _load_accounts(known, people)
    return known


def login_key(login: str) -> str:
    """Give the form in which logins are compared: without the domain before a backslash, case ignored."""
    return login.rpartition("\\")[2].casefold()


def _load_accounts(known: Known, people: Sequence[WantedPerson]) -> None:
    logins = {name for person in people if person.login for name in _forms(person.login)}
    held = {row.user_id for row in known.people.values() if row.user_id is not None}
    users = User.objects.annotate(lower=Lower("username")).filter(Q(lower__in=logins) | Q(pk__in=held))
    for pk, username, employee_id in users.order_by("-pk").values_list("pk", "username", "employee"):
        known.usernames[pk] = username
        known.accounts[login_key(username)] = Account(pk, username, employee_id)


def _forms(login: str) -> set[str]:
    return {login.lower(), login_key(login)}
