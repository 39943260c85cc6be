"""`python -m tests.journeys.screenshots`: every page in both themes and languages, and on a phone.

The pages are those of the tests, with rows made for the purpose in a database of its own that is dropped
afterwards. `--only` takes a part of the address, `--docs` writes the few pictures of the README instead.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.journeys.examples import Examples

THEMES, LANGUAGES = ("light", "dark"), ("ru", "en")
SIZES = {"desktop": (1366, 900), "wide": (1920, 1000), "phone": (390, 844)}
PEOPLE, DOCS_PEOPLE = 12, 60
DOCS_SIZE = (1280, 760)
DOCS = {
    "dashboard": ("/admin/", "light"),
    "schedule": ("/planning/bank/2027-02/schedule/", "light"),
    "day-dark": ("/planning/bank/2027-02/schedule/2027-02-03/", "dark"),
}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.journeys.screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("var/screenshots"))
    parser.add_argument("--only", default="", help="A part of the addresses to take.")
    parser.add_argument("--sizes", nargs="*", choices=SIZES, default=["desktop", "phone"])
    parser.add_argument("--themes", nargs="*", choices=THEMES, default=list(THEMES))
    parser.add_argument("--languages", nargs="*", choices=LANGUAGES, default=list(LANGUAGES))
    parser.add_argument("--docs", action="store_true", help="The pictures of the README, into docs/images.")
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.test")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the browser keeps a loop in this thread
    django.setup()
    from tests.journeys.browser import chromium  # noqa: PLC0415 - after django.setup()

    with _site(DOCS_PEOPLE if options.docs else PEOPLE) as (address, examples), chromium() as browser:
        taken = _docs(browser, address) if options.docs else _all(browser, address, examples, options)
    sys.stdout.write(f"{taken} pictures\n")
    return 0


@contextmanager
def _site(people: int) -> Iterator[tuple[str, Examples]]:
    """Serve a database of examples."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: PLC0415 - after django.setup()
    from django.db import connection  # noqa: PLC0415 - after django.setup()
    from django.test.testcases import LiveServerThread  # noqa: PLC0415 - after django.setup()
    from django.test.utils import setup_databases, teardown_databases  # noqa: PLC0415 - after django.setup()

    from tests.journeys.examples import make_examples  # noqa: PLC0415 - after django.setup()

    old = setup_databases(verbosity=0, interactive=False)
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    try:
        examples = make_examples(people)
        server.start()
        server.is_ready.wait()
        yield f"http://127.0.0.1:{server.port}", examples
    finally:
        server.terminate()
        with connection.cursor() as cursor:  # a request that was on its way when the browser closed
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        teardown_databases(old, verbosity=0)


def _all(browser: Browser, address: str, examples: Examples, options: argparse.Namespace) -> int:
    from tests.factories.accounts import PASSWORD  # noqa: PLC0415 - after django.setup()
    from tests.journeys.browser import Visitor  # noqa: PLC0415 - after django.setup()
    from tests.journeys.examples import ADMIN, admin_pages, pages  # noqa: PLC0415 - after django.setup()

    wanted = [path for path in (*pages(examples), *admin_pages(examples)) if options.only in path]
    taken = 0
    for language, size in product(options.languages, options.sizes):
        visitor = Visitor(browser, address, size=SIZES[size], language=language)
        visitor.sign_in(ADMIN, PASSWORD)
        for path in wanted:
            visitor.open(path)
            for theme in options.themes:
                visitor.wear(theme)
                folder = options.out / f"{language}-{theme}-{size}"
                visitor.page.screenshot(path=folder / f"{_name(path)}.png", full_page=True)
                taken += 1
        visitor.close()
    return taken


def _docs(browser: Browser, address: str) -> int:
    from tests.factories.accounts import PASSWORD  # noqa: PLC0415 - after django.setup()
    from tests.journeys.browser import Visitor  # noqa: PLC0415 - after django.setup()
    from tests.journeys.examples import ADMIN  # noqa: PLC0415 - after django.setup()

    visitor = Visitor(browser, address, size=DOCS_SIZE, language="ru")
    visitor.sign_in(ADMIN, PASSWORD)
    for name, (path, theme) in DOCS.items():
        visitor.open(path)
        visitor.wear(theme)
        visitor.page.screenshot(path=Path("docs/images") / f"{name}.png")
    visitor.close()
    return len(DOCS)


def _name(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "start"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
