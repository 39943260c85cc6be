"""`X-API-Key`: what a key lets in, until when, and what is kept of it."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.accounts.models import ApiKey, RoleGrant, User
from apps.accounts.policies import Capability, may
from apps.accounts.services.api_keys import issue_key, revoke_key
from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.errors import ConflictError, DomainError, NotAllowedError
from tests.factories import make_employee, make_user
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.django_db
PEOPLE = "/api/v1/employees/"


def make_key(*scopes: str, **facts: Any) -> tuple[ApiKey, APIClient]:
    name = facts.pop("name", f"Payroll {ApiKey.objects.count()}")
    issued = issue_key(name=name, scopes=scopes or ["people:read"], actor=None, **facts)
    return issued.key, APIClient(headers={"X-API-Key": issued.secret})


def test_a_key_lets_into_what_it_lists_and_nowhere_else() -> None:
    person = make_employee()
    _key, client = make_key("people:read")
    assert [row["id"] for row in client.get(PEOPLE).json()["results"]] == [person.pk]
    for refused in (client.get("/api/v1/forecasts/"), client.get("/api/v1/schedules/")):
        assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert client.delete(f"{PEOPLE}{person.pk}/").status_code == 403


def test_a_scope_may_name_one_endpoint() -> None:
    person = make_employee()
    _key, client = make_key("organization:api-employee:read")
    assert client.get(f"{PEOPLE}{person.pk}/").status_code == 200
    assert client.get(PEOPLE).status_code == 403


def test_writing_does_not_let_read() -> None:
    _key, client = make_key("forecasts:write")
    assert client.get("/api/v1/forecasts/").status_code == 403


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("key_revoked", lambda key: revoke_key(key_id=key.pk, actor=None)),
        ("key_expired", lambda key: ApiKey.objects.filter(pk=key.pk).update(expires_at=clock.now())),
        ("key_unknown", lambda key: ApiKey.objects.filter(pk=key.pk).update(secret_sha256="0")),  # noqa: S106 - no secret
        ("key_unknown", lambda key: User.objects.filter(pk=key.user_id).update(is_active=False)),
    ],
)
def test_a_key_that_does_not_hold_is_a_401(code: str, spoil: Any) -> None:
    key, client = make_key()
    assert client.get(PEOPLE).status_code == 200
    spoil(key)
    answer = client.get(PEOPLE)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert "WWW-Authenticate" in answer
    assert answer.json()["code"] == code


@pytest.mark.parametrize("secret", ["", "x", "wfm_", "ключ", "9" * 5000])
def test_a_key_of_nonsense_is_a_401(secret: str) -> None:
    client = APIClient()
    client.force_login(make_user(Role.ADMIN))  # a wrong key is never made good by a session
    answer = client.get(PEOPLE, headers={"X-API-Key": secret.encode().decode("latin-1")})
    assert answer.status_code == 401


def test_the_secret_is_kept_nowhere() -> None:
    issued = issue_key(name="Payroll", scopes=["people:read"], actor=None)
    random_part = issued.secret.removeprefix(issued.key.prefix)
    assert len(random_part) > 40
    kept = str(list(ApiKey.objects.values())) + str(list(AuditEntry.objects.values()))
    assert random_part not in kept
    assert issued.key.prefix in kept


def test_nobody_signs_in_as_a_service_user() -> None:
    key, _client = make_key()
    assert not Client().login(username=key.user.username, password=PASSWORD)
    assert not key.user.has_usable_password()


def test_issue_use_and_revocation_are_in_the_audit() -> None:
    admin = make_user(Role.ADMIN)
    key, client = make_key()
    for _ in range(3):
        client.get(PEOPLE)
    revoke_key(key_id=key.pk, actor=admin)
    revoke_key(key_id=key.pk, actor=admin)
    entries = AuditEntry.objects.filter(object_type="accounts.apikey", object_id=str(key.pk)).order_by("pk")
    assert [entry.action for entry in entries] == ["api_key.issue", "api_key.use", "api_key.revoke"]
    assert [entry.actor_id for entry in entries] == [None, key.user_id, admin.pk]


def test_the_last_use_is_written_at_most_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    key, client = make_key()
    client.get(PEOPLE)
    key.refresh_from_db()
    first = key.last_used_at
    assert first is not None
    monkeypatch.setattr(clock, "now", lambda: first + dt.timedelta(seconds=59))
    client.get(PEOPLE)
    key.refresh_from_db()
    assert key.last_used_at == first
    monkeypatch.setattr(clock, "now", lambda: first + dt.timedelta(seconds=60))
    client.get(PEOPLE)
    key.refresh_from_db()
    assert key.last_used_at == first + dt.timedelta(seconds=60)


def test_in_a_job_the_service_user_may_what_its_live_keys_list() -> None:
    key, _client = make_key("forecasts:write")
    assert may(User.objects.get(pk=key.user_id), Capability.RUN_FORECAST)
    assert not may(User.objects.get(pk=key.user_id), Capability.EDIT_MASTER_DATA)
    revoke_key(key_id=key.pk, actor=None)
    assert not may(User.objects.get(pk=key.user_id), Capability.RUN_FORECAST)


def test_the_role_taken_back_ends_all_keys() -> None:
    key, client = make_key()
    RoleGrant.objects.filter(user=key.user).delete()
    make_employee()
    assert client.get(PEOPLE).json()["results"] == []


@pytest.mark.parametrize("scopes", [[], ["people"], ["people:delete"], ["all:read"], ["a b:read"]])
def test_scopes_that_are_none_are_refused(scopes: list[str]) -> None:
    with pytest.raises(DomainError) as refused:
        issue_key(name="Payroll", scopes=scopes, actor=None)
    assert list(refused.value.fields) == ["scopes"]


def test_only_an_administrator_issues_keys() -> None:
    with pytest.raises(NotAllowedError):
        issue_key(name="Payroll", scopes=["people:read"], actor=make_user(Role.PLANNER))


def test_a_person_has_no_keys_and_a_service_user_may_have_two() -> None:
    with pytest.raises(DomainError):
        issue_key(name="Mine", scopes=["people:read"], actor=None, user=make_user(Role.ADMIN))
    key, _client = make_key(name="Payroll")
    with pytest.raises(ConflictError):
        make_key(name="Payroll")
    other, _client = make_key("jobs:read", name="Payroll", user=key.user)
    assert other.user_id == key.user_id


def test_an_end_in_the_past_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        make_key(expires_at=clock.now())
    assert list(refused.value.fields) == ["expires_at"]


def test_the_command_prints_the_secret_once() -> None:
    out, told = StringIO(), StringIO()
    call_command("api_key", "issue", "Payroll", "--scope=people:read", stdout=out, stderr=told)
    client = APIClient(headers={"X-API-Key": out.getvalue().strip()})
    assert client.get(PEOPLE).status_code == 200
    key = ApiKey.objects.get()
    listed = StringIO()
    call_command("api_key", "list", stdout=listed)
    assert key.prefix in listed.getvalue()
    assert out.getvalue().strip() not in listed.getvalue()
    call_command("api_key", "revoke", key.prefix, stdout=StringIO())
    assert client.get(PEOPLE).status_code == 401
    with pytest.raises(CommandError):
        call_command("api_key", "revoke", "wfm_unknown")


def test_the_admin_shows_the_secret_once(client: Client) -> None:
    client.force_login(make_user(Role.ADMIN))
    address = "/admin/accounts/apikey/"
    page = client.post(f"{address}add/", {"name": "Payroll", "scopes": ["people:read", "people:write"]})
    key = ApiKey.objects.get()
    assert page.status_code == 200
    assert f"{key.prefix}_" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    for again in (address, f"{address}{key.pk}/change/"):
        shown = client.get(again).content.decode()
        assert key.prefix in shown
        assert f"{key.prefix}_" not in shown
    refused = client.post(f"{address}add/", {"name": "Payroll", "scopes": ["people:read"]})
    assert (refused.status_code, ApiKey.objects.count()) == (200, 1)
    client.post(address, {"action": "revoke", "_selected_action": [key.pk]})
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_a_refusal_stands_at_its_field_and_the_form_keeps_what_was_written(client: Client) -> None:
    client.force_login(make_user(Role.ADMIN))
    asked = {"name": "Payroll", "scopes": ["people:read"]}
    asked |= {"expires_at_0": "2020-01-01", "expires_at_1": "10:00:00"}
    page = client.post("/admin/accounts/apikey/add/", asked)
    assert (page.status_code, ApiKey.objects.count()) == (200, 0)
    form = page.context["adminform"].form
    assert list(form.errors) == ["expires_at"]
    assert 'value="Payroll"' in page.content.decode()
    make_key(name="Payroll")
    again = client.post("/admin/accounts/apikey/add/", {"name": "Payroll", "scopes": ["people:read"]})
    assert list(again.context["adminform"].form.errors) == ["name"]


@pytest.mark.parametrize("days", ["999999999", "0", "-5", "36501"])
def test_the_command_refuses_days_beyond_a_century(days: str) -> None:
    with pytest.raises(CommandError, match="36500 days"):
        call_command("api_key", "issue", "Payroll", "--scope=people:read", f"--days={days}")


def test_a_planner_sees_no_keys(client: Client) -> None:
    client.force_login(make_user(Role.PLANNER))
    assert client.get("/admin/accounts/apikey/").status_code == 403
