"""Addresses of the API as other systems' contracts write them: with or without the last slash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from apps.accounts.choices import Role
from tests.factories.accounts import make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
LOAD = {"load_erl": 8, "aht_s": 240, "agents": 10}


def test_a_post_without_the_last_slash_arrives_with_its_body(client: Client) -> None:
    client.force_login(make_user(Role.PLANNER))
    known = client.post("/api/v1/planning/erlang-c/", LOAD, content_type="application/json")
    bare = client.post("/api/v1/planning/erlang-c", LOAD, content_type="application/json")
    assert known.status_code == 200
    assert (bare.status_code, bare.content) == (known.status_code, known.content)


def test_what_does_not_exist_and_pages_are_left_alone(client: Client) -> None:
    assert client.get("/api/v1/no-such-thing").status_code == 404
    assert client.get("/jobs").status_code == 301
