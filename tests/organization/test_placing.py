import datetime as dt
from decimal import Decimal

import pytest

from apps.audit.models import AuditEntry
from apps.core.errors import ConflictError, DomainError
from apps.organization.choices import Membership
from apps.organization.models import EmployeeSkill
from apps.organization.services.placing import assign_deputy, assign_membership, assign_skill
from tests.factories import make_department, make_employee, make_queue, make_skill

pytestmark = pytest.mark.django_db
SPRING, AUTUMN = dt.date(2026, 3, 2), dt.date(2026, 9, 1)


def test_a_new_place_in_a_queue_ends_the_one_before() -> None:
    person, queue = make_employee(), make_queue()
    place = {"employee_id": person.pk, "queue_id": queue.pk, "actor": None}
    first = assign_membership(**place, valid_from=SPRING)
    assert assign_membership(**place, valid_from=SPRING) == first
    assign_membership(**place, valid_from=AUTUMN, productivity=Decimal("0.9"))
    spans = person.memberships.order_by("valid_from").values_list("valid_from", "valid_to", "productivity")
    assert list(spans) == [
        (SPRING, dt.date(2026, 8, 31), Decimal("1.000")),
        (AUTUMN, None, Decimal("0.900")),
    ]
    assert AuditEntry.objects.filter(action="employee.place").count() == 2


def test_one_main_queue_at_a_time_and_any_reserve() -> None:
    person = make_employee()
    first = assign_membership(employee_id=person.pk, queue_id=make_queue().pk, valid_from=SPRING, actor=None)
    other = make_queue()
    with pytest.raises(ConflictError, match=first.queue.name):
        assign_membership(employee_id=person.pk, queue_id=other.pk, valid_from=AUTUMN, actor=None)
    assign_membership(
        employee_id=person.pk,
        queue_id=other.pk,
        valid_from=AUTUMN,
        actor=None,
        kind=Membership.RESERVE,
    )
    assert person.memberships.count() == 2


def test_places_that_are_refused() -> None:
    person, queue = make_employee(hired_on=SPRING), make_queue()
    with pytest.raises(DomainError, match="2026-01-01"):
        assign_membership(
            employee_id=person.pk, queue_id=queue.pk, valid_from=dt.date(2026, 1, 1), actor=None
        )
    assign_membership(employee_id=person.pk, queue_id=queue.pk, valid_from=AUTUMN, actor=None)
    with pytest.raises(ConflictError, match="2026-09-01"):
        assign_membership(employee_id=person.pk, queue_id=queue.pk, valid_from=SPRING, actor=None)


def test_skills_have_five_levels() -> None:
    person, skill = make_employee(), make_skill("cards")
    assign_skill(employee_id=person.pk, skill_id=skill.pk, proficiency=2, actor=None)
    assign_skill(employee_id=person.pk, skill_id=skill.pk, proficiency=4, actor=None)
    assign_skill(employee_id=person.pk, skill_id=skill.pk, proficiency=4, actor=None)
    assert EmployeeSkill.objects.get().proficiency == 4
    assert AuditEntry.objects.filter(action="employee.assign_skill").count() == 2
    with pytest.raises(DomainError) as refusal:
        assign_skill(employee_id=person.pk, skill_id=skill.pk, proficiency=6, actor=None)
    assert "proficiency" in refusal.value.fields


def test_a_deputy_stands_in_once_over_the_same_days() -> None:
    person, department = make_employee(), make_department()
    days = {"valid_from": SPRING, "valid_to": AUTUMN}
    period = {"department_id": department.pk, "employee_id": person.pk, "actor": None}
    first = assign_deputy(**period, **days)
    assert assign_deputy(**period, **days) == first
    with pytest.raises(DomainError):
        assign_deputy(**period, valid_from=AUTUMN, valid_to=AUTUMN)
