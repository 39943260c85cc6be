"""Every list of the admin as a file: what it shows, filtered and ordered as it is, by its policy."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import python_calamine
from django.contrib import admin
from django.urls import reverse
from django.utils import translation

from apps.accounts.choices import Role
from apps.core.web import downloads
from apps.organization.models import Employee
from apps.staffing.models import StaffingTarget
from apps.workcalendar.models import CalendarDay
from tests.factories import make_department, make_queue, make_user
from tests.journeys.examples import make_examples

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db
LISTS = [(model._meta.app_label, str(model._meta.model_name)) for model in admin.site._registry]


@pytest.fixture
def reader(client: Client) -> Client:
    translation.activate("en")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(make_user("admin", username="boss", is_staff=True, is_superuser=True))
    return client


def rows(client: Client, app: str, model: str, /, **query: str) -> list[list[Any]]:
    answer = client.get(reverse("admin:list-download", args=[app, model]), query)
    assert answer.status_code == 200, (app, model, answer.content[:300])
    assert "attachment" in answer["Content-Disposition"]
    return python_calamine.load_workbook(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def test_every_list_of_the_registry_leaves_as_a_file(reader: Client) -> None:
    make_examples()
    for app, model in LISTS:
        page = reader.get(reverse(f"admin:{app}_{model}_changelist"))
        shown = page.context["cl"]
        door = reverse("admin:list-download", args=[app, model])
        assert f'href="{door}?format=xlsx"' in page.content.decode(), (app, model)
        found = rows(reader, app, model)
        assert len(found[0]) == sum(name != "action_checkbox" for name in shown.list_display), (app, model)
        assert len(found) == 1 + shown.result_count, (app, model)
        assert reader.get(door, {"format": "csv"}).content.startswith(b"\xef\xbb\xbf")


def test_filters_search_and_order_of_the_list_stay(reader: Client) -> None:
    for code in ("a", "b", "c"):
        make_queue(code=code, name=f"Queue {code}")
    names = [row[0] for row in rows(reader, "organization", "queue", o="-1")[1:]]
    assert names == sorted(names, reverse=True)
    assert len(names) == 3
    (found,) = rows(reader, "organization", "queue", q="Queue b", p="1")[1:]
    assert "Queue b" in found
    address = reverse("admin:list-download", args=["organization", "queue"])
    assert reader.get(address, {"nothing": "1"}).status_code == 400


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.SUPERVISOR, Role.PLANNER])
def test_a_file_is_for_whoever_sees_its_list(client: Client, role: Role) -> None:
    client.force_login(make_user(role, department=make_department() if role == Role.SUPERVISOR else None))
    for app, model in LISTS:
        listed = client.get(reverse(f"admin:{app}_{model}_changelist")).status_code
        answer = client.get(reverse("admin:list-download", args=[app, model]))
        assert answer.status_code == listed, (role, app, model)
        assert ("Content-Disposition" in answer) == (listed == 200), (role, app, model)
    client.logout()
    assert client.get(reverse("admin:list-download", args=["accounts", "user"])).status_code == 302


def test_what_is_no_list_is_not_found(reader: Client) -> None:
    for app, model in (("accounts", "nothing"), ("nothing", "user"), ("sessions", "session")):
        assert reader.get(f"/admin/{app}/{model}/download/").status_code == 404


def test_too_many_rows_are_refused_and_many_cost_no_more_queries(
    reader: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(30):
        Employee.objects.create(
            personnel_number=f"{number:03d}", last_name="A", first_name="B", hired_on="2020-01-01"
        )
    with django_assert_max_num_queries(12):
        assert len(rows(reader, "organization", "employee")) == 31
    monkeypatch.setattr(downloads, "MOST_ROWS_AT_ONCE", 5)
    answer = reader.get(reverse("admin:list-download", args=["organization", "employee"]))
    assert answer.status_code == 400


def test_names_of_objects_are_told_as_the_language_writes_dates_and_decimals() -> None:
    day = CalendarDay(date=dt.date(2026, 4, 25), kind="off")
    target = StaffingTarget(queue=make_queue(name="Line"), service_level=Decimal("0.80"), answer_within_s=20)
    with translation.override("ru"):
        assert str(day).startswith("25.04.2026: ")
        assert str(target) == "Line: 0,80 / 20"
