"""Chromium under Playwright, and what pages are held to: no policy violation, no error, no axe finding."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from axe_playwright_python.base import AXE_FILE_PATH
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
TIMES = """
() => {
  const zone = /^(\\.\\d+)?\\s*(UTC|GMT|MSK|Z|[A-Z]{3,4}|[+\u2212-]\\d\\d(:?\\d\\d)?)\\b/;
  const clock = /(?<![\\d:.+-])([01]?\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?(?![\\d:])/g;
  const seen = (node) => node.getClientRects().length > 0;
  const marked = (node) => {
    for (let box = node.closest("[data-zone]"); box; box = box.parentElement.closest("[data-zone]")) {
      if ([...box.querySelectorAll(".zone")].some(seen)) return true;
    }
    return false;
  };
  const head = (cell) => {
    const table = cell.closest("table");
    return [...(table?.tHead?.rows ?? [])].map((row) => row.cells[cell.cellIndex]?.textContent).join(" ");
  };
  const found = [];  // a clock time whose zone stands neither behind it, nor in its head, nor on its region
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const { data: text, parentElement: parent } = walk.currentNode;
    if (!seen(parent) || parent.closest("script, style, code, .log")) continue;
    for (const match of text.matchAll(clock)) {
      const after = text.slice(match.index + match[0].length);
      const cell = parent.closest("td, th");
      if (zone.test(after) || marked(parent) || (cell && /UTC|\\(.*\\/.*\\)/.test(head(cell)))) continue;
      if (parent.tagName === "TIME" && parent.nextElementSibling?.classList.contains("zone")) continue;
      found.push(text.trim().slice(0, 60));
    }
  }
  return [...new Set(found)].slice(0, 5);
}
"""
OUT_OF_REACH = """
() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
  .filter((node) => node.getClientRects().length && !node.disabled && node.tabIndex < 0)
  .filter((node) => !node.matches("main, [role=grid] *, [aria-hidden=true], .select2-container *"))
  .map((node) => node.outerHTML.slice(0, 120))
"""
UNMARKED = """
() => {
  const node = document.activeElement;
  if (!node || node === document.body) return "";
  const look = getComputedStyle(node);
  const marked = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 1;
  return marked || look.boxShadow !== "none" ? "" : node.outerHTML.slice(0, 120);
}
"""
AXE = AXE_FILE_PATH.read_text(encoding="utf-8")
SERIOUS = {"serious", "critical"}

CUT_OFF = ("htmx:afterRequest", "htmx:sendError", "htmx:sendAbort")
"""What htmx says when a page is left before it was answered; a failure of the server says more."""


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

    def open(self, path: str, status: int = 200) -> Page:
        """Go to a page and wait until what it asks for is there and its charts are drawn."""
        answer = self.page.goto(f"{self.base}{path}")
        assert answer is not None
        assert answer.status == status, (path, answer.status)
        for late in self.page.locator("[hx-trigger=load] > .loading").all():
            late.wait_for(state="detached")
        for chart in self.page.locator(".chart").all():
            chart.locator("xpath=self::*[@data-ready]").wait_for()
        return self.page

    def wear(self, theme: str) -> None:
        """Show the page in a theme, drawn to the end."""
        self.page.evaluate(WEAR, theme)

    def axe(self, *, frame: bool = True) -> list[str]:
        """Give the serious and critical findings of axe on the page, and of its contrast when dark.

        Without `frame` the sidebar, which every page has, is left out.
        """
        self.page.evaluate(AXE)
        context = {"exclude": [] if frame else [[".sidebar"]]}
        self.wear("light")
        found = self._findings("light", context, {})
        self.wear("dark")
        found += self._findings("dark", context, {"runOnly": ["color-contrast"]})
        self.wear("light")
        return found

    def too_wide_for(self, size: tuple[int, int]) -> list[str]:
        """Say so when the page is wider than such a window; boxes that scroll by themselves are not."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        width = self.page.evaluate("document.documentElement.scrollWidth")
        self.page.set_viewport_size({"width": self.size[0], "height": self.size[1]})
        return [f"{self.page.url} is {width} pixels wide"] if width > size[0] else []

    def times_without_zone(self) -> list[str]:
        """Give clock times on the page beside which nobody says whose clock it is."""
        return [f"{self.page.url} time without zone: {text}" for text in self.page.evaluate(TIMES)]

    def out_of_reach(self, stops: int = 40) -> list[str]:
        """Give controls that Tab skips, and stops of the first `stops` presses that show no mark."""
        missed: list[str] = self.page.evaluate(OUT_OF_REACH)
        for _stop in range(stops):
            self.page.keyboard.press("Tab")
            unmarked = self.page.evaluate(UNMARKED)
            missed += [unmarked] if unmarked else []
        return missed

    def _findings(self, theme: str, context: dict[str, Any], options: dict[str, Any]) -> list[str]:
        # Preloading would add styles of axe's own, which the policy forbids.
        own = {"preload": False, "resultTypes": ["violations"]}
        run = "([context, options]) => axe.run(context, options).then((found) => found.violations)"
        found = self.page.evaluate(run, [context, own | options])
        return [
            f"{self.page.url} {theme} {item['id']}: {node['target']} {node['failureSummary']}"
            for item in found
            if item["impact"] in SERIOUS
            for node in item["nodes"][:3]
        ]

    def close(self) -> None:
        self.context.close()

    def _complain(self, kind: str, text: str) -> None:
        if kind == "error" and not any(cut in text for cut in CUT_OFF):
            self.complaints.append(f"{self.page.url}: {text}")
