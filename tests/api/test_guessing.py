"""A password is not guessed by trying: not by the API, and not on the page."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from tests.factories import make_user
from tests.factories.accounts import PASSWORD

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db
SITES = "/api/v1/sites/"


def call(name: str, password: str, address: str) -> int:
    told = base64.b64encode(f"{name}:{password}".encode()).decode()
    client = APIClient(REMOTE_ADDR=address, headers={"Authorization": f"Basic {told}"})
    return client.get(SITES).status_code


def test_after_so_many_failures_a_name_waits_everywhere(settings: SettingsWrapper) -> None:
    settings.SIGN_IN_FAILURES_OF_NAME = 3
    user, other = make_user(Role.PLANNER, username=f"a{uuid4().hex}"), make_user(Role.PLANNER)
    told = [call(user.username, "wrong", f"10.0.0.{at}") for at in range(5)]
    assert told == [401, 401, 401, 429, 429]
    assert call(user.username, PASSWORD, "10.0.0.9") == 429
    assert call(other.username, PASSWORD, "10.0.0.9") == 200
    page = Client().post("/accounts/login/", {"username": user.username, "password": PASSWORD})
    assert page.status_code == 200
    assert page.context["form"].has_error("__all__", "throttled")


def test_after_so_many_failures_an_address_waits(settings: SettingsWrapper) -> None:
    settings.SIGN_IN_FAILURES_OF_ADDRESS = 3
    user, address = make_user(Role.PLANNER), f"fd00::{uuid4().hex[:4]}"
    told = [call(f"nobody-{uuid4().hex}", "wrong", address) for _ in range(4)]
    assert told == [401, 401, 401, 429]
    assert (call(user.username, PASSWORD, address), call(user.username, PASSWORD, "10.0.1.1")) == (429, 200)
