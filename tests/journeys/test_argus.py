"""Shifts of Argus by the page: checked, mended, loaded, undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from apps.accounts.choices import Role
from apps.jobs.models import Job
from apps.jobs.services import run_now
from apps.schedules.models import Shift
from tests.factories import make_user
from tests.factories.accounts import PASSWORD
from tests.journeys.browser import Visitor
from tests.schedules.edit_scenes import make_edit_scene

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.django_db(transaction=True)


def send(page: Page, content: str, *, only_check: bool) -> None:
    """Fill in the form, send it, do the job, and follow it to its report."""
    page.set_input_files(
        "#id_file", {"name": "shifts.csv", "mimeType": "text/csv", "buffer": content.encode("cp1251")}
    )
    page.set_checked("#id_dry_run", only_check)
    page.click("main form button.primary")
    page.wait_for_url("**/jobs/**")
    run_now(Job.objects.latest("created_at"))
    page.wait_for_url("**/integrations/argus/imports/*/")


def test_a_planner_checks_loads_and_undoes_shifts(live_server: LiveServer, browser: Browser) -> None:
    scene = make_edit_scene()
    planner = make_user(Role.PLANNER, username="planner", language="en")
    visitor = Visitor(browser, live_server.url)
    visitor.sign_in(planner.username, PASSWORD)
    page = visitor.open("/integrations/argus/?table=schedules")
    assert visitor.axe() == []
    number = scene.people[0].personnel_number
    heading = "Табельный номер;Дата;Начало;Окончание;Цвет\n"
    wrong = f"{heading}{number};02.03.2027;09:00;17:45;\nнет;03.03.2027;09:00;17:45;\n"
    page.select_option("#id_variant", str(scene.variant.pk))
    send(page, wrong, only_check=True)
    assert "Not planned in this variant." in page.locator("main table").inner_text()
    assert "Цвет" in page.locator(".notice.warn").inner_text()
    assert not Shift.objects.filter(variant=scene.variant).exists()
    page = visitor.open("/integrations/argus/?table=schedules")
    page.select_option("#id_variant", str(scene.variant.pk))
    send(page, wrong.split("нет", maxsplit=1)[0], only_check=False)
    assert Shift.objects.filter(variant=scene.variant).count() == 1
    assert visitor.axe() == []
    page.get_by_role("button", name="Undo this import").click()
    page.locator("dialog[open] button.danger, dialog[open] button.primary").first.click()
    page.get_by_text("1 edit was undone.").first.wait_for()
    assert not Shift.objects.filter(variant=scene.variant).exists()
    page.goto("about:blank")
    visitor.close()
    assert visitor.complaints == [], "\n".join(visitor.complaints)
