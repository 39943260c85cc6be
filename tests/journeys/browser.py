"""Chromium under Playwright, and what pages are held to: no policy violation, no error, no axe finding."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = (1440, 900)
PHONE = (390, 844)
LISTEN = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""
WEAR = """
async (theme) => {
  document.documentElement.dataset.theme = theme;
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
}
"""
SERIOUS = {"serious", "critical"}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser of the system, else the one that Playwright brought."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visitor:
    """A person at a browser window; `complaints` gathers what the browser found wrong on any page."""

    browser: Browser
    base: str
    size: tuple[int, int] = DESKTOP
    language: str = "en"
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        width, height = self.size
        self.context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale=self.language,
            color_scheme="light",
            reduced_motion="reduce",
        )
        self.context.add_init_script(LISTEN)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self._complain(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))

    def sign_in(self, name: str, password: str) -> None:
        self.page.goto(f"{self.base}/accounts/login/")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", password)
        self.page.click("main button.primary")
        self.page.wait_for_load_state()

    def open(self, path: str) -> Page:
        """Go to a page and wait until its charts are drawn."""
        answer = self.page.goto(f"{self.base}{path}")
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        for chart in self.page.locator(".chart").all():
            chart.locator("xpath=self::*[@data-ready]").wait_for()
        return self.page

    def wear(self, theme: str) -> None:
        """Show the page in a theme, drawn to the end."""
        self.page.evaluate(WEAR, theme)

    def axe(self) -> list[str]:
        """Give the serious and critical findings of axe on the page, and of its contrast when dark."""
        self.wear("light")
        found = self._findings("light", {})
        self.wear("dark")
        found += self._findings("dark", {"runOnly": ["color-contrast"]})
        self.wear("light")
        return found

    def too_wide_for(self, size: tuple[int, int]) -> list[str]:
        """Say so when the page is wider than such a window; boxes that scroll by themselves are not."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        width = self.page.evaluate("document.documentElement.scrollWidth")
        self.page.set_viewport_size({"width": self.size[0], "height": self.size[1]})
        return [f"{self.page.url} is {width} pixels wide"] if width > size[0] else []

    def _findings(self, theme: str, options: dict[str, Any]) -> list[str]:
        own = {"preload": False}  # axe would add styles of its own, which the policy forbids
        found = Axe().run(self.page, options=own | options).response["violations"]
        return [
            f"{self.page.url} {theme} {item['id']}: {node['target']} {node['failureSummary']}"
            for item in found
            if item["impact"] in SERIOUS
            for node in item["nodes"][:3]
        ]

    def close(self) -> None:
        self.context.close()

    def _complain(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(f"{self.page.url}: {text}")
