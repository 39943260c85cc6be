"""Who is answered what at every address: the table `permissions.csv`, checked by calling all of it.

A new address fails here until it has a row. `WRITE_PERMISSIONS=1 pytest tests/api/test_permissions.py` adds
the rows that are missing (and drops those of addresses that are gone) with what is answered now: read the
difference before you keep it. A row that is there is never changed.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rest_framework.views import APIView

from apps.core.web.api import Repeatable
from tests.api.endpoints import Endpoint, endpoints
from tests.api.world import ROLES, World, make_world

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

TABLE = Path(__file__).with_name("permissions.csv")
COLUMNS = ("route", "method", "name", *ROLES)
Rows = dict[tuple[str, str, str], dict[str, str]]


def key_of(endpoint: Endpoint) -> tuple[str, str, str]:
    return endpoint.route, endpoint.method, endpoint.name


def read_table() -> Rows:
    with TABLE.open(newline="") as file:
        return {(row["route"], row["method"], row["name"]): row for row in csv.DictReader(file)}


@pytest.fixture
def world(db: None, settings: SettingsWrapper) -> World:  # noqa: ARG001 - opens the database
    settings.API_REQUESTS_PER_MINUTE = 0
    return make_world()


def answers(world: World, endpoint: Endpoint) -> dict[str, str]:
    row = dict(zip(("route", "method", "name"), key_of(endpoint), strict=True))
    return row | {role: world.answer(role, endpoint) for role in ROLES}


if os.environ.get("WRITE_PERMISSIONS") == "1":

    def test_the_rows_that_are_missing_are_written(world: World) -> None:
        known = read_table() if TABLE.exists() else {}
        rows = [known.get(key_of(endpoint)) or answers(world, endpoint) for endpoint in endpoints()]
        with TABLE.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def test_every_address_has_its_row() -> None:
    table, there = set(read_table()), {key_of(endpoint) for endpoint in endpoints()}
    assert sorted(there - table) == [], "without a row: see the top of this file"
    assert sorted(table - there) == [], "rows of addresses that are gone"


def test_the_table_is_in_order() -> None:
    lines = TABLE.read_text().splitlines()[1:]
    keys = [tuple(next(csv.reader([line]))[:3]) for line in lines]
    assert keys == sorted(set(keys))


def test_everybody_is_answered_as_the_table_says(world: World) -> None:
    table = read_table()
    differences = [
        f"{endpoint.method} {endpoint.route} as {role}: {answer}, not {expected}"
        for endpoint in endpoints()
        for role in ROLES
        if (answer := world.answer(role, endpoint)) != (expected := table[key_of(endpoint)][role])
    ]
    assert differences == []


def test_nobody_unknown_and_no_foreign_key_gets_anything_from_the_api() -> None:
    for (route, method, _name), row in read_table().items():
        if route.startswith("api/"):
            assert row["anonymous"] == "401", (method, route)
            is_for_all = route in {"api/v1/schema/", "api/v1/docs/"}
            assert row["other_key"] == ("200" if is_for_all else "403"), (method, route)


def test_nothing_breaks_for_anybody() -> None:
    for key, row in read_table().items():
        broken = [role for role in ROLES if row[role].startswith("5")]
        assert not broken, (key, broken)


def test_every_post_of_the_api_is_safe_to_repeat() -> None:
    """Or says that it has no effect (`repeatable = False`)."""
    for endpoint in endpoints():
        if endpoint.is_api and endpoint.method == "POST" and issubclass(endpoint.view, APIView):
            declared = issubclass(endpoint.view, Repeatable) or endpoint.view.repeatable is False
            assert declared, endpoint.name
