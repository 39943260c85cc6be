"""Sign-in, sign-out, language, theme and density."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client

from apps.accounts.choices import Density, Theme
from tests.factories import make_user
from tests.factories.accounts import PASSWORD

if TYPE_CHECKING:
    from apps.accounts.models import User

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture
def planner() -> User:
    return make_user("planner", username="planner")


def test_pages_ask_to_sign_in_and_lead_back(client: Client, planner: User) -> None:
    answer = client.get("/jobs/")
    assert answer["Location"] == f"{LOGIN}?next=/jobs/"
    form = {"username": planner.username, "password": PASSWORD, "next": "/jobs/"}
    assert client.post(LOGIN, form)["Location"] == "/jobs/"


def test_wrong_password_is_told_and_signs_nobody_in(client: Client, planner: User) -> None:
    answer = client.post(LOGIN, {"username": planner.username, "password": "no"})
    assert b'role="alert"' in answer.content
    assert "_auth_user_id" not in client.session


def test_sign_out(client: Client, planner: User) -> None:
    client.force_login(planner)
    assert client.post("/accounts/logout/")["Location"] == LOGIN
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("header", "language"), [("ru-RU,ru;q=0.9", "ru"), ("en-GB,en;q=0.9", "en"), ("de,fr", "ru")]
)
def test_the_browser_decides_the_language_and_russian_is_the_last_resort(
    client: Client, header: str, language: str
) -> None:
    answer = client.get(LOGIN, headers={"accept-language": header})
    assert f'<html lang="{language}"'.encode() in answer.content


def test_language_and_theme_stay_with_the_person(client: Client, planner: User) -> None:
    client.force_login(planner)
    client.post("/accounts/preferences/", {"language": "en", "next": "/jobs/"})
    answer = client.post("/accounts/preferences/", {"theme": "dark", "next": "/jobs/"})
    assert answer["Location"] == "/jobs/"
    planner.refresh_from_db()
    assert (planner.language, planner.theme) == ("en", Theme.DARK)
    page = client.get("/jobs/", headers={"accept-language": "ru"})
    assert b'<html lang="en" data-theme="dark"' in page.content
    client.post("/accounts/preferences/", {"density": "compact"})
    assert b'data-density="compact"' in client.get("/jobs/").content
    other = Client()
    signed_in = other.post(LOGIN, {"username": planner.username, "password": PASSWORD})
    assert signed_in.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_theme_before_sign_in_is_a_cookie(client: Client) -> None:
    client.post("/accounts/preferences/", {"theme": "light", "density": "compact"})
    assert b'data-theme="light" data-density="compact"' in client.get(LOGIN).content


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:x"])
def test_preferences_lead_nowhere_else(client: Client, target: str) -> None:
    answer = client.post("/accounts/preferences/", {"theme": "light", "next": target})
    assert answer["Location"] == "/"


def test_unknown_preferences_change_nothing(client: Client, planner: User) -> None:
    client.force_login(planner)
    client.post("/accounts/preferences/", {"theme": "pink", "language": "xx", "density": "0"})
    planner.refresh_from_db()
    assert (planner.language, planner.theme, planner.density) == ("", Theme.SYSTEM, Density.COMFORTABLE)


def test_error_pages_are_ours(client: Client) -> None:
    answer = client.get("/nowhere/", headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert b"There is no such page" in answer.content


def test_admin_sends_strangers_to_the_one_sign_in_page_and_refuses_employees(client: Client) -> None:
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/login/?next=/admin/")["Location"] == f"{LOGIN}?next=/admin/"
    client.force_login(make_user("employee"))
    assert client.get("/admin/login/").status_code == 403


def test_the_policy_forbids_everything_inline(client: Client) -> None:
    policy = client.get(LOGIN)["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "style-src 'self';" in f"{policy};"
    assert "unsafe" not in policy


def test_the_page_of_a_broken_server_needs_no_request() -> None:
    text = render_to_string("500.html")
    assert "500" in text
    assert "<script" not in text
