import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.audit.models import AuditEntry
from apps.workcalendar.models import CalendarOverride, CalendarYear
from apps.workcalendar.services.loading import load_bundled_calendars
from tests.factories import make_user

pytestmark = pytest.mark.django_db
OVERRIDE = {"date": "2026-07-15", "kind": "off", "note": "local holiday"}


@pytest.fixture
def administrator() -> User:
    return make_user(is_superuser=True, is_staff=True)


@pytest.fixture
def browser(client: Client, administrator: User) -> Client:
    load_bundled_calendars()
    client.force_login(administrator)
    return client


def override_url(name: str, *args: object) -> str:
    return reverse(f"admin:workcalendar_calendaroverride_{name}", args=args)


def calendar_pk() -> int:
    return CalendarYear.objects.values_list("calendar", flat=True)[0]


def errors(response: object) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)  # type: ignore[attr-defined]


@pytest.mark.parametrize("model", ["productioncalendar", "calendaryear", "calendarday", "calendaroverride"])
def test_lists_open(browser: Client, model: str) -> None:
    assert browser.get(reverse(f"admin:workcalendar_{model}_changelist")).status_code == 200


def test_days_are_filtered_by_kind_and_year(browser: Client) -> None:
    url = reverse("admin:workcalendar_calendarday_changelist")
    response = browser.get(url, {"kind": "holiday", "date__year": "2026"})
    assert response.context["cl"].result_count == 14


def test_a_year_shows_its_norms(browser: Client) -> None:
    year = CalendarYear.objects.get(year=2026)
    response = browser.get(reverse("admin:workcalendar_calendaryear_change", args=[year.pk]))
    page = response.content.decode()
    assert "<td>120</td><td>152</td>" in page
    assert "<td>440</td><td>493</td><td>528</td><td>511</td><td>1972</td>" in page


def test_a_year_is_added_by_its_file(browser: Client, administrator: User) -> None:
    content = b'<calendar year="2030"><days><day d="01.01" t="1"/></days></calendar>'
    response = browser.post(
        reverse("admin:workcalendar_calendaryear_add"),
        {
            "calendar_code": "ru-ta",
            "calendar_name": "Татарстан",
            "file": SimpleUploadedFile("16.xml", content),
        },
    )
    assert response.status_code == 302
    year = CalendarYear.objects.get(year=2030)
    assert (year.calendar.name, year.source) == ("Татарстан", "xmlcalendar: 16.xml")
    assert AuditEntry.objects.filter(actor=administrator, action="calendar.year_filled").exists()


def test_a_broken_file_is_an_error_of_the_form(browser: Client) -> None:
    response = browser.post(
        reverse("admin:workcalendar_calendaryear_add"),
        {"calendar_code": "ru", "file": SimpleUploadedFile("x.xml", b"<calendar")},
    )
    assert list(errors(response)) == ["file"]


def test_an_override_is_set_changed_and_removed_through_the_services(
    browser: Client, administrator: User
) -> None:
    browser.post(override_url("add"), OVERRIDE | {"calendar": calendar_pk()})
    override = CalendarOverride.objects.get()
    assert (override.date, override.created_by) == (dt.date(2026, 7, 15), administrator)
    browser.post(override_url("change", override.pk), {"kind": "holiday", "note": "by decree"})
    override.refresh_from_db()
    assert (override.kind, override.note) == ("holiday", "by decree")
    browser.post(override_url("delete", override.pk), {"post": "yes"})
    assert not CalendarOverride.objects.exists()
    actions = AuditEntry.objects.filter(actor=administrator).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["calendar.overridden", "calendar.overridden", "calendar.override_removed"]


def test_several_overrides_are_removed_at_once(browser: Client) -> None:
    for day in ("2026-07-15", "2026-07-16"):
        browser.post(override_url("add"), OVERRIDE | {"calendar": calendar_pk(), "date": day})
    chosen = list(CalendarOverride.objects.values_list("pk", flat=True))
    browser.post(
        override_url("changelist"),
        {"action": "delete_selected", "_selected_action": chosen, "post": "yes"},
    )
    assert not CalendarOverride.objects.exists()
    assert AuditEntry.objects.filter(action="calendar.override_removed").count() == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"note": "  "}, "note"),
        ({"is_short": "on"}, "is_short"),
        ({"date": "2031-01-09"}, "date"),
    ],
)
def test_an_override_without_reason_or_sense_is_an_error_of_the_form(
    browser: Client, change: dict[str, str], field: str
) -> None:
    response = browser.post(override_url("add"), OVERRIDE | {"calendar": calendar_pk()} | change)
    assert list(errors(response)) == [field]
    assert not CalendarOverride.objects.exists()


@pytest.mark.parametrize("facts", [{"is_staff": True}, {"role": "planner"}])
def test_people_without_the_right_see_nothing(client: Client, facts: dict[str, Any]) -> None:
    client.force_login(make_user(**facts))
    year = reverse("admin:workcalendar_calendaryear_add")
    for address in (override_url("add"), override_url("changelist"), year):
        assert client.get(address, follow=True).status_code == 403
