"""Times name the clock they are on."""

from __future__ import annotations

import datetime as dt
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.formats import date_format
from django.utils.translation import override

from apps.core.templatetags.clock import moment, offset_name, zone_label, zone_mark

NOON = dt.datetime(2026, 11, 20, 12, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("UTC", "UTC"),
        ("Europe/Moscow", "UTC+3"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/St_Johns", "UTC−3:30"),
    ],
)
def test_offsets_are_named(zone: str, name: str) -> None:
    assert offset_name(NOON.astimezone(ZoneInfo(zone))) == name


@pytest.mark.parametrize(
    ("zone", "shown", "label"),
    [
        (None, "20.11.2026 12:05", "UTC"),
        ("Europe/Moscow", "20.11.2026 15:05", "UTC+3"),
        (ZoneInfo("Asia/Yekaterinburg"), "20.11.2026 17:05", "UTC+5"),
    ],
)
def test_a_moment_is_written_on_the_clock_of_its_zone(
    zone: ZoneInfo | str | None, shown: str, label: str
) -> None:
    text = moment(NOON, zone)
    assert f'datetime="2026-11-20T12:05:00+00:00">{shown}</time> <span class="zone">{label}<' in text


def test_what_is_not_known_is_a_dash() -> None:
    assert moment(None, "Europe/Moscow") == "–"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_formats_of_date_times_end_in_the_zone(language: str) -> None:
    local = NOON.astimezone(ZoneInfo("Europe/Moscow"))
    with override(language):
        for name in ("DATETIME_FORMAT", "SHORT_DATETIME_FORMAT"):
            assert date_format(local, name).endswith("15:05 MSK")


@time_machine.travel(NOON, tick=False)
def test_a_zone_is_named_with_its_distance() -> None:
    assert zone_label("Europe/Moscow") == "Europe/Moscow (UTC+3)"
    assert zone_label(None) == "UTC"
    with override("en"):
        assert "clock of Europe/Moscow (UTC+3)" in zone_mark("Europe/Moscow")


@time_machine.travel(NOON, tick=False)
def test_the_distance_is_that_of_what_is_shown() -> None:
    """Seen in November: July is an hour ahead, and October begins on another distance than it ends."""
    month = partial(zone_mark, "Europe/Berlin")
    with override("en"):
        assert "Europe/Berlin (UTC+1)" in month()
        assert "Europe/Berlin (UTC+2)" in month(dt.date(2026, 7, 1), dt.date(2026, 8, 1))
        assert "Europe/Berlin (UTC+2 / UTC+1)" in month(dt.date(2026, 10, 1), dt.date(2026, 11, 1))


@pytest.mark.parametrize(
    ("query", "order", "following"),
    [("", "none", "created"), ("created", "ascending", "-created"), ("-created", "descending", "created")],
)
def test_a_head_sorts_both_ways_and_keeps_the_rest_of_the_query(
    query: str, order: str, following: str
) -> None:
    request = RequestFactory().get("/", {"state": "failed", "page": "3"} | ({"sort": query} if query else {}))
    page = Template('{% load tables %}{% sort_head "created" "Created" %}')
    text = page.render(Context({"request": request}))
    assert f'aria-sort="{order}"' in text
    assert "page=" not in text
    assert "state=failed" in text
    assert f"sort={following}&" in text or f'sort={following}"' in text
