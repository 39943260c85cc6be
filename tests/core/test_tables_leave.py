"""No table on a page without a way out of it: every page is walked, and every link to a file followed."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from tests.journeys.examples import admin_pages, make_examples, pages

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
HEAD = "the links stand in the head of the page, beside its filters"
MAY_STAY = {
    "plain keys": "the help of the keyboard",
    "/styleguide/": "made-up rows of the components",
    "/jobs/": HEAD,
    **dict.fromkeys(
        (
            "/integrations/",
            "/integrations/1c/facts/",
            "/integrations/1c/schedules/",
            "/integrations/1c/schedules/runs/<n>/",
            "/integrations/operations/",
            "/integrations/runs/",
            "/integrations/webhooks/",
        ),
        HEAD,
    ),
    "/jobs/<n>/": "stages and result of one job, a log of the machine; the list of jobs leaves",
    "/forecasts/<n>/": "the effect of a form that is not sent yet",
}
PARTS_MAY_STAY = {
    "/integrations/connections/zup/: schedules-title": "a handful of settings, each a line of the admin",
    "/integrations/runs/<n>/people/: structure-title": "what the people below bring along; they leave",
}
OF_CARDS = {"section", "main"}
Card = dict[str, list[str]]


class Tables(HTMLParser):
    """Tells of each table that rows are shown in whether its card leads to a file."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[Card] = []
        self.stack: list[str] = []
        self.found: list[Card] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag in OF_CARDS:
            card: Card = {
                "tables": [],
                "files": [],
                "name": [facts.get("aria-labelledby", tag)],
            }
            self.cards.append(card)
            self.found.append(card)
        if not self.cards:
            return
        if tag == "table" and ("plain" in facts.get("class", "") or facts.get("id") == "result_list"):
            self.cards[-1]["tables"].append(facts.get("class", ""))
        if tag == "a" and "download/" in facts.get("href", ""):
            self.cards[-1]["files"].append(facts["href"])

    def handle_endtag(self, tag: str) -> None:
        if tag in OF_CARDS and self.cards:
            self.cards.pop()


def read(page: str) -> list[Card]:
    parser = Tables()
    parser.feed(page)
    return parser.found


def may_stay(address: str, tables: list[str]) -> bool:
    place = re.sub(r"/(\d+|[0-9a-f-]{36})/.*", "/<n>/", address.partition("?")[0])
    return place in MAY_STAY or all(kind in MAY_STAY for kind in tables)


def test_every_table_of_every_page_has_a_way_out(client: Client) -> None:
    examples = make_examples()
    client.force_login(examples.administrator)
    stuck, files = [], set()
    for address in [*pages(examples), *admin_pages(examples)]:
        answer = client.get(address)
        if MAY_STAY.get(address) == HEAD:
            assert "download/" in answer.content.decode(), address
        for card in read(f"<main>{answer.content.decode()}</main>"):
            files |= {html.unescape(link) for link in card["files"]}
            part = f"{address.partition('?')[0]}: {card['name'][0]}"
            if card["tables"] and not card["files"] and not may_stay(address, card["tables"]):
                stuck.append(part)
    stuck = [part for part in stuck if re.sub(r"/\d+/", "/<n>/", part) not in PARTS_MAY_STAY]
    assert sorted(set(stuck)) == []
    for link in sorted(link for link in files if "csv" in link):
        answer = client.get(link)
        assert answer.status_code == 200, (link, answer.content[-600:])
        assert "attachment" in answer["Content-Disposition"], link


def test_a_table_without_a_way_out_is_seen() -> None:
    plain = '<table class="plain"></table>'
    out = '<a href="/x/download/?format=csv">CSV</a>'
    page = f"<main>{out}<section>{plain}</section><section>{out}{plain}</section></main>"
    stuck, free = read(page)[1:]
    assert (len(stuck["tables"]), stuck["files"]) == (1, [])
    assert free["files"] == ["/x/download/?format=csv"]
