"""What a person waits for in Chromium: first rows of the month grid, and a saved edit in its cell."""

from __future__ import annotations

import os
import shutil
import statistics
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from apps.accounts.models import User
    from benchmarks.pages_data import MonthOfPeople

ROUNDS = 5
PASSWORD = "benchmark"  # noqa: S105 - of a user of the benchmark's own database
PAINTED = """() => new Promise((resolve) => {
  const done = () => requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
  if (document.querySelector(".g-body .g-row [role=gridcell]")) done();
  else document.addEventListener("DOMContentLoaded", done);
})"""
"""Milliseconds from the start of the navigation until a frame with rows was painted."""
CHANGED = """(text) => new Promise((resolve) => {
  const begun = performance.now();
  const look = () => (document.activeElement.textContent.includes(text)
    ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begun)))
    : requestAnimationFrame(look));
  document.getElementById("edit-form").requestSubmit();
  look();
})"""
"""Milliseconds from saving until the focused cell shows `text`."""


def measure(made: MonthOfPeople, user: User) -> dict[str, float]:
    """Give medians in milliseconds: rows painted, first paint as the browser tells it, edit shown."""
    user.set_password(PASSWORD)
    user.save()
    place = f"/planning/{made.group.code}/{made.month:%Y-%m}/schedule/"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps a loop in this thread
    with _server() as base, _chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{base}/accounts/login/")
        page.fill("#id_username", user.username)
        page.fill("#id_password", PASSWORD)
        page.click("main button.primary")
        figures = [_paint(page, f"{base}{place}") for _round in range(ROUNDS)]
        edits = [_edit(page, number) for number in range(ROUNDS)]
    rows, first = zip(*figures, strict=True)
    return {
        "rows_painted_ms": statistics.median(rows),
        "first_paint_ms": statistics.median(first),
        "edit_shown_ms": statistics.median(edits),
    }


def _paint(page: Page, address: str) -> tuple[float, float]:
    page.goto(address, wait_until="commit")
    rows = float(page.evaluate(PAINTED))
    page.wait_for_load_state()
    first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
    return rows, float(first)


def _edit(page: Page, number: int) -> float:
    """Move the first person's first shift by a quarter of an hour and give how long it took to show."""
    cell = page.locator(".g-body .g-row").first.locator(".c.s").first
    cell.click()
    page.keyboard.press("Enter")
    page.locator("#id_start").wait_for()
    times = [_later(page.input_value(f"#id_{edge}"), 15) for edge in ("start", "end")]
    for edge, text in zip(("start", "end"), times, strict=True):
        page.fill(f"#id_{edge}", text)
    page.locator("[data-verdict=fine]").wait_for()
    if page.locator("#edit-save").is_disabled():
        raise RuntimeError(f"edit {number} is refused")
    return float(page.evaluate(CHANGED, times[0]))


def _later(clock: str, minutes: int) -> str:
    whole = int(clock[:2]) * 60 + int(clock[3:]) + minutes
    return f"{whole // 60 % 24:02d}:{whole % 60:02d}"


@contextmanager
def _server() -> Iterator[str]:
    from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: PLC0415 - after Django is set up
    from django.test.testcases import LiveServerThread  # noqa: PLC0415 - after Django is set up

    server: Any = LiveServerThread("localhost", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    try:
        yield f"http://{server.host}:{server.port}"
    finally:
        server.terminate()


@contextmanager
def _chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only this benchmark needs a browser

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        try:
            yield browser
        finally:
            browser.close()
