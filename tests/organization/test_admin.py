import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.organization.models import Employee
from tests.factories import (
    make_department,
    make_employee,
    make_member,
    make_queue,
    make_site,
    make_skill,
    make_user,
)

pytestmark = pytest.mark.django_db
LIST = "/admin/organization/employee/"


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_user(Role.ADMIN, username="boss"))
    return client


def form_of(person: Employee, **changes: Any) -> dict[str, Any]:
    """Give the posted fields of a card as the page would send them, with one row of terms."""
    terms = person.terms.get()
    data = {
        "personnel_number": person.personnel_number,
        "last_name": person.last_name,
        "first_name": person.first_name,
        "hired_on": person.hired_on.isoformat(),
        "terms-0-id": terms.pk,
        "terms-0-employee": person.pk,
        "terms-0-valid_from": terms.valid_from.isoformat(),
        "terms-0-position": terms.position_id,
        "terms-0-department": terms.department_id,
        "terms-0-site": terms.site_id,
        "terms-0-rate": "1",
        "terms-0-weekly_norm_minutes": "2400",
        "terms-TOTAL_FORMS": 1,
        "terms-INITIAL_FORMS": 1,
    }
    for prefix in ("memberships", "skills", "limits"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return data | changes


def test_people_are_found_by_name_and_number(admin: Client) -> None:
    make_employee(last_name="Волкова", personnel_number="000777")
    make_employee(last_name="Зимина")
    for words in ("волкова", "000777"):
        page = admin.get(LIST, {"q": words}).content.decode()
        assert "Волкова" in page
        assert "Зимина" not in page


def test_the_list_shows_where_people_work_today(admin: Client) -> None:
    person = make_employee(department=make_department(name="Прежний"), valid_to=dt.date(2024, 12, 31))
    first = person.terms.get()
    first.pk = None
    first.valid_from, first.valid_to = dt.date(2025, 1, 1), None
    first.department, first.site = make_department(name="Нынешний"), make_site(name="Томск")
    first.save()
    page = admin.get(LIST).content.decode()
    assert "Нынешний" in page
    assert "Прежний" not in page


def test_people_who_left_are_a_filter(admin: Client) -> None:
    make_employee(last_name="Ушедшая", dismissed_on=dt.date(2025, 1, 31))
    make_employee(last_name="Работающая")
    assert "Ушедшая" not in admin.get(LIST, {"employed": "now"}).content.decode()
    left = admin.get(LIST, {"employed": "left"}).content.decode()
    assert "Ушедшая" in left
    assert "Работающая" not in left


def test_a_change_is_saved_and_audited(admin: Client) -> None:
    person = make_employee(last_name="Иванова")
    answer = admin.post(f"{LIST}{person.pk}/change/", form_of(person, last_name="Петрова"))
    assert answer.status_code == 302, answer.content.decode()
    person.refresh_from_db()
    assert person.last_name == "Петрова"
    entry = AuditEntry.objects.get(action="employee.change")
    assert entry.object_id == str(person.pk)
    assert entry.actor is not None
    assert entry.actor.get_username() == "boss"


def test_terms_that_overlap_are_refused_on_the_form(admin: Client) -> None:
    person = make_employee()
    make_employee()
    terms = person.terms.get()
    second = {
        "terms-TOTAL_FORMS": 2,
        "terms-1-employee": person.pk,
        "terms-1-valid_from": "2025-05-05",
        "terms-1-position": terms.position_id,
        "terms-1-department": terms.department_id,
        "terms-1-site": terms.site_id,
        "terms-1-rate": "1",
        "terms-1-weekly_norm_minutes": "1200",
    }
    address = f"{LIST}{person.pk}/change/"
    answer = admin.post(address, form_of(person, **second))
    assert answer.status_code == 200
    assert person.terms.count() == 1
    closed = form_of(person, **second, **{"terms-0-valid_to": "2025-05-04"})
    assert admin.post(address, closed).status_code == 302
    assert [row.valid_to for row in person.terms.order_by("valid_from")] == [dt.date(2025, 5, 4), None]
    later = make_terms_border(person, closed, dt.date(2025, 8, 1))
    assert admin.post(address, later).status_code == 302
    assert person.terms.order_by("valid_from")[0].valid_to == dt.date(2025, 7, 31)


def make_terms_border(person: Employee, data: dict[str, Any], day: dt.date) -> dict[str, Any]:
    """Move the border between two rows of terms, as one save of the page."""
    first, second = person.terms.order_by("valid_from")
    return data | {
        "terms-INITIAL_FORMS": 2,
        "terms-0-id": first.pk,
        "terms-0-valid_to": (day - dt.timedelta(days=1)).isoformat(),
        "terms-1-id": second.pk,
        "terms-1-valid_from": day.isoformat(),
    }


def test_one_main_queue_is_held_by_the_form(admin: Client) -> None:
    person = make_employee()
    data = form_of(person, **{"memberships-TOTAL_FORMS": 2})
    for row in range(2):
        data |= {
            f"memberships-{row}-employee": person.pk,
            f"memberships-{row}-queue": make_queue().pk,
            f"memberships-{row}-kind": "main",
            f"memberships-{row}-productivity": "1",
            f"memberships-{row}-valid_from": "2025-01-01",
        }
    address = f"{LIST}{person.pk}/change/"
    assert admin.post(address, data).status_code == 200
    assert admin.post(address, data | {"memberships-1-kind": "reserve"}).status_code == 302
    assert person.memberships.count() == 2


def test_a_planner_reads_but_does_not_write() -> None:
    client = Client()
    client.force_login(make_user(Role.PLANNER))
    person = make_employee()
    assert client.get(LIST).status_code == 200
    assert client.post(f"{LIST}{person.pk}/change/", form_of(person, last_name="Другая")).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    supervisor = Client()
    supervisor.force_login(make_user(Role.SUPERVISOR, department=make_department()))
    assert supervisor.get(LIST).status_code in {302, 403}


def test_the_list_makes_a_constant_number_of_queries(admin: Client) -> None:
    queue = make_queue()
    make_skill("english", make_member(queue).employee)
    admin.get(LIST)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert admin.get(LIST).status_code == 200
        counts.append(len(captured))
        for _person in range(10):
            make_member(queue)
    assert counts[0] == counts[1] <= 12


@pytest.mark.parametrize("model", ["site", "department", "position", "skill", "service", "queue"])
def test_every_table_opens(admin: Client, model: str) -> None:
    make_member(make_queue())
    make_skill()
    assert admin.get(f"/admin/organization/{model}/").status_code == 200
    assert admin.get(f"/admin/organization/{model}/add/").status_code == 200
