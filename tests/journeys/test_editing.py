"""The schedule edited by keyboard alone: the effect first, undo and redo, refusals, a second browser."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from apps.schedules.models import LabourRuleSetting, Shift
from tests.factories import make_user
from tests.factories.accounts import PASSWORD
from tests.journeys.browser import PHONE, Visitor
from tests.schedules.scenes import MONTH, make_plan, make_scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page
    from pytest_django.live_server_helper import LiveServer

    from apps.schedules.models import ScheduleVariant


REFUSED = "status of 412"
"""The browser notes a refused save; what it means stands in the dialog."""


@pytest.fixture
def plan(transactional_db: None) -> ScheduleVariant:  # noqa: ARG001 - the database
    make_user("planner", username="planner", first_name="Анна", last_name="Планова")
    return make_plan(make_scene(people=3, agents=2))


@pytest.fixture
def planner(plan: ScheduleVariant, live_server: LiveServer, browser: Browser) -> Iterator[Visitor]:
    visitor = Visitor(browser, live_server.url)
    visitor.sign_in("planner", PASSWORD)
    visitor.open(schedule(plan))
    yield visitor
    visitor.close()
    assert [text for text in visitor.complaints if REFUSED not in text] == []


def schedule(plan: ScheduleVariant) -> str:
    return f"/planning/{plan.group.code}/2027-02/schedule/"


def cell_of(page: Page, row: int, column: int) -> Locator:
    return page.locator(".g-body .g-row").nth(row).locator("[role=gridcell]").nth(column)


def walk_to(page: Page, row: int, column: int) -> Locator:
    """Go into the grid by its key, then by arrows from its first cell."""
    page.locator("#content").focus()
    page.keyboard.press("g")
    expect(page.locator(".g-body [role=gridcell]:focus")).to_have_count(1)
    page.keyboard.press("Control+Home")
    for _step in range(row):
        page.keyboard.press("ArrowDown")
    for _step in range(column):
        page.keyboard.press("ArrowRight")
    cell = cell_of(page, row, column)
    expect(cell).to_be_focused()
    return cell


def type_times(page: Page, start: str, end: str) -> None:
    expect(page.locator("#id_start")).to_be_focused()
    page.keyboard.type(start)
    page.keyboard.press("Tab")
    page.keyboard.type(end)


def test_a_shift_is_edited_undone_and_redone_by_keys(plan: ScheduleVariant, planner: Visitor) -> None:
    page, keys = planner.page, planner.page.keyboard
    cell = walk_to(page, 1, 1)
    expect(cell).to_have_text("09:0017:45")
    keys.press("Enter")
    type_times(page, "10:00", "18:45")
    expect(page.locator("#edit-verdict")).to_contain_text("Can be saved")
    expect(page.locator("#edit-effect")).to_contain_text("Cover: too few 3.5 → 1.8 agent-hours")
    keys.press("Enter")
    expect(page.locator("#edit-dialog")).not_to_be_visible()
    expect(page.locator(".toasts")).to_contain_text("Saved: Move")
    expect(cell).to_have_text("10:0018:45✎")
    expect(cell).to_be_focused()
    keys.press("Control+z")
    expect(cell).to_have_text("09:0017:45")
    expect(cell).to_be_focused()
    keys.press("Control+y")
    expect(cell).to_have_text("10:0018:45✎")
    page.reload()
    expect(page.locator("#undo-button")).to_contain_text("Undo: Move")
    expect(page.locator("#last-edits")).to_contain_text("Анна Планова")
    walk_to(page, 1, 1)
    keys.press("Control+z")
    expect(cell).to_have_text("09:0017:45")
    assert plan.shifts.exclude(revision=0).count() == 0


def test_shifts_are_added_copied_and_deleted_in_empty_cells(plan: ScheduleVariant, planner: Visitor) -> None:
    page, keys = planner.page, planner.page.keyboard
    empty = walk_to(page, 0, 8)
    keys.press("Enter")
    type_times(page, "09:00", "17:45")
    expect(page.locator("#edit-effect")).to_contain_text("48.0")
    keys.press("Enter")
    expect(empty).to_contain_text("09:00")
    keys.press("Control+c")
    keys.press("ArrowDown")
    keys.press("Shift+ArrowDown")
    expect(page.locator("[aria-selected=true]")).to_have_count(2)
    heads = page.locator(".g-head [role=row]").count()
    grid = page.locator("#grid")
    expect(grid).to_have_attribute("aria-rowcount", str(heads + page.locator(".g-body [role=row]").count()))
    expect(grid).to_have_attribute("aria-colcount", str(1 + 28 + 4))
    place = "e => [e.closest('[role=row]').ariaRowIndex, e.ariaColIndex, e.ariaSelected]"
    current = page.locator(".g-body [tabindex='0']")
    assert current.evaluate(place) == [str(heads + 3), str(1 + 9), "true"]
    keys.press("Control+v")
    expect(page.locator("#edit-title")).to_have_text("Paste into 2 cells")
    expect(page.locator("#edit-save")).to_be_focused()
    expect(page.locator("#edit-verdict")).to_contain_text("Can be saved")
    keys.press("Enter")
    expect(cell_of(page, 2, 8)).to_contain_text("09:00")
    expect(cell_of(page, 1, 8)).to_contain_text("09:00")
    keys.press("Delete")
    expect(page.locator("#edit-title")).to_have_text("2 cells")
    keys.press("Enter")
    expect(cell_of(page, 2, 8)).to_have_text("")
    expect(empty).to_contain_text("09:00")
    assert plan.shifts.filter(local_date=MONTH + dt.timedelta(days=8)).count() == 1


def test_the_first_stop_leads_to_the_schedule(plan: ScheduleVariant, planner: Visitor) -> None:
    page = planner.page
    page.locator("#content").focus()
    page.keyboard.press("Tab")
    expect(page.locator("[data-to-grid]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(cell_of(page, 0, 0)).to_be_focused()
    assert plan.edits == 0


def test_a_refused_undo_shows_the_newer_state(
    plan: ScheduleVariant, planner: Visitor, live_server: LiveServer, browser: Browser
) -> None:
    make_user("planner", username="second", first_name="Пётр", last_name="Второй")
    other = Visitor(browser, live_server.url)
    other.sign_in("second", PASSWORD)
    for page, start, end in ((planner.page, "10:00", "18:45"), (other.page, "08:00", "16:45")):
        page.goto(f"{live_server.url}{schedule(plan)}")
        walk_to(page, 0, 0)
        page.keyboard.press("Enter")
        type_times(page, start, end)
        page.keyboard.press("Enter")
        expect(cell_of(page, 0, 0)).to_contain_text(start)
    planner.page.keyboard.press("Control+z")
    expect(planner.page.locator(".toasts")).to_contain_text("changed the shift meanwhile")
    expect(cell_of(planner.page, 0, 0)).to_contain_text("08:00")
    expect(planner.page.locator("#edit-bar")).to_contain_text("nothing of yours is left to undo")
    other.close()
    assert other.complaints == []


def test_a_quick_enter_saves_only_what_shows_no_warning(plan: ScheduleVariant, planner: Visitor) -> None:
    """Typed and Enter at once: the effect comes first; without warnings it saves by itself, else it waits."""
    LabourRuleSetting.objects.filter(code="daily_rest").update(mode="warn")
    page, keys = planner.page, planner.page.keyboard
    cell = walk_to(page, 0, 0)
    keys.press("Enter")
    type_times(page, "17:00", "02:00")
    keys.press("Enter")
    expect(page.locator("#edit-verdict")).to_contain_text("saving allows")
    expect(page.locator("#edit-dialog")).to_be_visible()
    expect(page.locator("#edit-save")).not_to_have_attribute("aria-disabled", "true")
    assert plan.shifts.exclude(revision=0).count() == 0
    page.locator("#id_end").focus()
    keys.press("Enter")
    expect(cell).to_contain_text("17:00")
    walk_to(page, 1, 0)
    keys.press("Enter")
    type_times(page, "10:00", "18:45")
    keys.press("Enter")
    keys.press("Enter")
    expect(page.locator("#edit-dialog")).not_to_be_visible()
    expect(cell_of(page, 1, 0)).to_contain_text("10:00")
    assert plan.edit_log.count() == 2


def test_a_hard_rule_disables_saving_and_says_why(plan: ScheduleVariant, planner: Visitor) -> None:
    LabourRuleSetting.objects.filter(code="daily_rest").update(mode="hard")
    page, keys = planner.page, planner.page.keyboard
    cell = walk_to(page, 0, 0)
    keys.press("Enter")
    type_times(page, "17:00", "08:30")
    expect(page.locator("#edit-verdict")).to_contain_text("Cannot be saved")
    expect(page.locator("#edit-effect .notice.bad")).to_contain_text("art. ")
    expect(page.locator("#edit-save")).to_be_disabled()
    findings = planner.axe()
    keys.press("Escape")
    expect(page.locator("#edit-dialog")).not_to_be_visible()
    expect(cell).to_be_focused()
    assert findings == []
    assert plan.shifts.exclude(revision=0).count() == 0


def test_a_stale_edit_shows_the_newer_state_and_keeps_what_was_typed(
    plan: ScheduleVariant, planner: Visitor, live_server: LiveServer, browser: Browser
) -> None:
    make_user("planner", username="second", first_name="Пётр", last_name="Второй")
    other = Visitor(browser, live_server.url)
    other.sign_in("second", PASSWORD)
    other.open(schedule(plan))
    page = planner.page
    cell = walk_to(page, 0, 0)
    page.keyboard.press("Enter")
    type_times(page, "10:00", "18:45")
    expect(page.locator("#edit-verdict")).to_contain_text("Can be saved")

    walk_to(other.page, 0, 0)
    other.page.keyboard.press("Enter")
    type_times(other.page, "08:00", "16:45")
    other.page.keyboard.press("Enter")
    expect(other.page.locator("#edit-dialog")).not_to_be_visible()

    page.keyboard.press("Enter")
    expect(page.locator("#edit-stale")).to_contain_text("Пётр Второй")
    expect(page.locator("#edit-body")).to_contain_text("Now 08:00–16:45")
    expect(page.locator("#id_start")).to_have_value("10:00")
    expect(page.locator("#edit-verdict")).to_contain_text("Can be saved")
    page.locator("#id_start").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#edit-dialog")).not_to_be_visible()
    expect(cell).to_contain_text("10:00")
    assert Shift.objects.exclude(revision=0).count() == 1
    other.close()
    assert other.complaints == []


def test_the_dialogs_are_accessible(plan: ScheduleVariant, planner: Visitor) -> None:
    page = planner.page
    page.keyboard.press("?")
    findings = planner.axe()
    page.keyboard.press("Escape")
    walk_to(page, 0, 0)
    page.keyboard.press("Enter")
    kinds = page.locator(".edit-kinds a")
    expect(kinds).to_have_count(9)
    for index in (0, 3, 5, 8):
        name = kinds.nth(index).inner_text()
        kinds.nth(index).focus()
        page.keyboard.press("Enter")
        expect(page.locator(".edit-kinds [aria-current]")).to_have_text(name)
        expect(page.locator("#edit-verdict")).not_to_be_empty()
        findings += planner.axe()
    findings += planner.too_wide_for(PHONE)
    assert findings == []
    assert plan.edits == 0


def test_on_a_phone_the_cover_before_and_after_needs_no_scrolling_aside(
    plan: ScheduleVariant, live_server: LiveServer, browser: Browser
) -> None:
    visitor = Visitor(browser, live_server.url, size=PHONE)
    visitor.sign_in("planner", PASSWORD)
    cells = f"{plan.people.earliest('pk').employee_id}:2027-02-01"
    page = visitor.open(f"{schedule(plan)}edit/?variant={plan.pk}&cells={cells}")
    page.locator("#id_start").fill("10:00")
    cover = page.get_by_role("region", name="Cover before and after")
    expect(cover).to_contain_text("After")
    assert cover.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    visitor.close()
    assert visitor.complaints == []


def test_a_day_is_edited_by_keys(plan: ScheduleVariant, planner: Visitor) -> None:
    page = planner.open(f"{schedule(plan)}2027-02-01/")
    walk_to(page, 0, 1)
    page.keyboard.press("Enter")
    type_times(page, "10:00", "18:45")
    expect(page.locator("#edit-verdict")).to_contain_text("Can be saved")
    page.keyboard.press("Enter")
    expect(page.locator("#edit-dialog")).not_to_be_visible()
    expect(cell_of(page, 0, 0)).to_contain_text("10:00")
    page.keyboard.press("Delete")
    expect(page.locator("#edit-save")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".g-body .g-row")).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(page.locator(".g-body .g-row")).to_have_count(3)
    page.keyboard.press("Control+ArrowRight")
    page.wait_for_url("**/2027-02-02/")
