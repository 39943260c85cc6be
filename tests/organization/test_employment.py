import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from apps.organization.choices import Restriction
from apps.organization.models import Employee, EmploymentTerms
from apps.organization.services.employment import change_terms, dismiss, hire
from apps.organization.types import CardFacts, TermsFacts
from tests.factories import (
    make_department,
    make_employee,
    make_limit,
    make_member,
    make_position,
    make_queue,
    make_site,
    make_user,
)

pytestmark = pytest.mark.django_db
HIRED = dt.date(2026, 3, 2)
CARD = CardFacts("000123", "Волкова", "Анна", "Сергеевна", "crm-17")


def terms(**facts: Any) -> TermsFacts:
    return TermsFacts(
        position_id=make_position().pk, department_id=make_department().pk, site_id=make_site().pk, **facts
    )


def rows(employee: Employee) -> list[tuple[dt.date, dt.date | None, int]]:
    found = EmploymentTerms.objects.filter(employee=employee).order_by("valid_from")
    return list(found.values_list("valid_from", "valid_to", "weekly_norm_minutes"))


def test_hiring_makes_a_card_with_terms_once() -> None:
    facts = terms(rate=Decimal("0.5"), weekly_norm_minutes=1200)
    employee = hire(card=CARD, terms=facts, hired_on=HIRED, actor=None)
    assert hire(card=CARD, terms=facts, hired_on=HIRED, actor=None) == employee
    assert employee.personnel_number == "000123"
    assert rows(employee) == [(HIRED, None, 1200)]
    assert AuditEntry.objects.filter(action="employee.hire").count() == 1


def test_two_people_may_have_terms_on_the_same_days() -> None:
    facts = terms()
    hire(card=CARD, terms=facts, hired_on=HIRED, actor=None)
    hire(card=CardFacts("000124", "Зимин", "Лев"), terms=facts, hired_on=HIRED, actor=None)
    assert EmploymentTerms.objects.count() == 2


def test_a_personnel_number_belongs_to_one_person() -> None:
    hire(card=CARD, terms=terms(), hired_on=HIRED, actor=None)
    with pytest.raises(ConflictError, match="000123"):
        hire(card=replace(CARD, last_name="Другая"), terms=terms(), hired_on=HIRED, actor=None)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"weekly_norm_minutes": 4000}, "weekly_norm_minutes"),
        ({"rate": Decimal(-1)}, "rate"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
    ],
)
def test_wrong_terms_are_refused_by_field_and_nothing_is_kept(facts: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        hire(card=CARD, terms=terms(**facts), hired_on=HIRED, actor=None)
    assert f"terms.{field}" in refusal.value.fields
    assert not Employee.objects.exists()


def test_a_change_of_terms_closes_the_row_before_and_keeps_the_past() -> None:
    facts = terms()
    employee = hire(card=CARD, terms=facts, hired_on=HIRED, actor=None)
    part_time = replace(facts, weekly_norm_minutes=1200, rate=Decimal("0.5"))
    first = change_terms(employee_id=employee.pk, terms=part_time, valid_from=dt.date(2026, 9, 1), actor=None)
    assert rows(employee) == [(HIRED, dt.date(2026, 8, 31), 2400), (dt.date(2026, 9, 1), None, 1200)]
    again = change_terms(employee_id=employee.pk, terms=part_time, valid_from=dt.date(2026, 9, 5), actor=None)
    assert again == first
    assert AuditEntry.objects.filter(action="employee.change_terms").count() == 1


def test_a_change_before_a_later_one_ends_where_that_begins() -> None:
    facts = terms()
    employee = hire(card=CARD, terms=facts, hired_on=HIRED, actor=None)
    autumn, summer = dt.date(2026, 9, 1), dt.date(2026, 6, 1)
    change_terms(
        employee_id=employee.pk,
        terms=replace(facts, weekly_norm_minutes=1200),
        valid_from=autumn,
        actor=None,
    )
    change_terms(
        employee_id=employee.pk,
        terms=replace(facts, weekly_norm_minutes=1800),
        valid_from=summer,
        actor=None,
    )
    assert [minutes for _first, _last, minutes in rows(employee)] == [2400, 1800, 1200]
    assert rows(employee)[1] == (summer, dt.date(2026, 8, 31), 1800)


def test_changes_that_are_refused() -> None:
    facts = terms()
    employee = hire(card=CARD, terms=facts, hired_on=HIRED, actor=None)
    other = replace(facts, weekly_norm_minutes=1200)
    with pytest.raises(ConflictError, match="2026-03-02"):
        change_terms(employee_id=employee.pk, terms=other, valid_from=HIRED, actor=None)
    with pytest.raises(DomainError, match="2026-03-01"):
        change_terms(
            employee_id=employee.pk, terms=other, valid_from=HIRED - dt.timedelta(days=1), actor=None
        )
    with pytest.raises(NotFoundError):
        change_terms(employee_id=0, terms=other, valid_from=HIRED, actor=None)
    with pytest.raises(NotAllowedError):
        change_terms(employee_id=employee.pk, terms=other, valid_from=HIRED, actor=make_user(Role.PLANNER))


def test_dismissal_ends_everything_dated_on_the_last_day() -> None:
    employee = make_employee(hired_on=HIRED)
    make_member(make_queue(), employee)
    make_limit(employee, Restriction.NO_NIGHT, valid_from=HIRED)
    make_limit(employee, Restriction.NO_OVERTIME, valid_from=dt.date(2027, 1, 1))
    last = dt.date(2026, 12, 31)
    dismiss(employee_id=employee.pk, last_day=last, actor=None)
    dismiss(employee_id=employee.pk, last_day=last, actor=None)
    employee.refresh_from_db()
    assert employee.dismissed_on == last
    assert [row.valid_to for row in employee.terms.all()] == [last]
    assert [row.valid_to for row in employee.memberships.all()] == [last]
    assert [row.kind for row in employee.limits.all()] == [Restriction.NO_NIGHT]
    assert AuditEntry.objects.filter(action="employee.dismiss").count() == 1
    with pytest.raises(ConflictError, match="2026-12-31"):
        dismiss(employee_id=employee.pk, last_day=last + dt.timedelta(days=1), actor=None)


def test_nobody_leaves_before_coming() -> None:
    employee = make_employee(hired_on=HIRED)
    with pytest.raises(DomainError) as refusal:
        dismiss(employee_id=employee.pk, last_day=HIRED - dt.timedelta(days=1), actor=None)
    assert "last_day" in refusal.value.fields
