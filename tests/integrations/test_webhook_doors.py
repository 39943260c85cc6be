"""The doors of webhooks: by API with a key, by page in a browser's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.urls import reverse
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.accounts.services.api_keys import issue_key
from apps.audit.models import AuditEntry
from apps.core.models import RepeatKey
from apps.integrations.choices import OperationState
from apps.integrations.models import Operation, WebhookEndpoint
from tests.factories import make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/webhooks/"
SECRET = "secret"  # noqa: S105 - the field's name
HOOK = {"name": "BI", "url": "https://example.com/hook", "events": ["schedule.published"]}


@pytest.fixture
def api() -> APIClient:
    issued = issue_key(name="BI", scopes=["webhooks:read", "webhooks:write"], actor=None)
    return APIClient(headers={"X-API-Key": issued.secret})


def add(api: APIClient, **facts: Any) -> Any:
    return api.post(ROOT, HOOK | facts, format="json")


def test_an_endpoint_lives_by_the_api(api: APIClient) -> None:
    made = add(api)
    assert made.status_code == 201
    address = made["Location"]
    assert api.get(address).json()["events"] == HOOK["events"]
    changed = api.patch(address, {"name": "Another"}, format="json", headers={"If-Match": made["ETag"]})
    assert changed.json()["name"] == "Another"
    stale = api.patch(address, {"name": "Late"}, format="json", headers={"If-Match": made["ETag"]})
    assert stale.status_code == 412
    assert api.post(f"{address}pause/").json()["state"] == "paused"
    assert api.post(f"{address}resume/").json()["state"] == "active"
    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404
    assert WebhookEndpoint.objects.get().state == "closed"


def test_the_secret_has_a_door_that_records(api: APIClient) -> None:
    address = add(api)["Location"]
    first = api.get(f"{address}secret/")
    assert first["Cache-Control"] == "no-store"
    assert first.json()["secret"].startswith("whsec_")
    rotated = api.post(f"{address}secret/", headers={"Idempotency-Key": "rotate-1"})
    assert rotated.json()["old_secret_until"]
    assert api.get(f"{address}secret/").json()["secret"] != first.json()["secret"]
    assert AuditEntry.objects.filter(action="webhook.secret_shown").count() == 2
    assert "whsec_" not in repr(list(RepeatKey.objects.values()))


def test_a_test_message_and_its_delivery(api: APIClient) -> None:
    made = add(api)
    sent = api.post(f"{ROOT}test/", {"webhook": made.json()["id"]}, format="json")
    assert sent.status_code == 202
    (delivery,) = api.get(f"{made['Location']}deliveries/").json()["results"]
    assert delivery["operation"] == sent.json()["operation"]
    assert delivery["state"] == OperationState.PENDING
    assert not api.get(f"{made['Location']}deliveries/?state=failed").json()["results"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"events": ["no.such"]}, "events.0"),
        ({"events": []}, "events"),
        ({"url": "https://127.1/"}, "url"),
        ({"url": "http://example.com/"}, "url"),
        ({"url": "https://example.com:0/"}, "url"),
        ({"url": "https://ⓔxample.com/"}, "url"),
        ({"url": "https://127。0。0。1/"}, "url"),
        ({"url": "https://%31%30.0.0.1/"}, "url"),
        ({"name": ""}, "name"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(api: APIClient, facts: dict[str, Any], field: str) -> None:
    refused = add(api, **facts)
    assert refused.status_code == 400
    assert field in refused.json()["fields"]
    assert not WebhookEndpoint.objects.exists()


def test_a_secret_of_ones_own_is_checked(api: APIClient) -> None:
    refused = add(api, **{SECRET: "whsec_short"})
    assert refused.status_code == 400
    assert SECRET in refused.json()["fields"]
    own = "whsec_" + "A" * 43 + "="
    address = add(api, **{SECRET: own})["Location"]
    assert api.get(f"{address}secret/").json()["secret"] == own


def test_other_scopes_do_not_enter(api: APIClient) -> None:
    issued = issue_key(name="HR", scopes=["integrations:write"], actor=None)
    other = APIClient(headers={"X-API-Key": issued.secret})
    assert other.get(ROOT).status_code == 403
    assert api.get("/api/v1/integrations/operations/").status_code == 403


def test_the_pages_add_change_show_and_close(client: Client) -> None:
    client.force_login(make_user(Role.ADMIN))
    wrong = client.post("/integrations/webhooks/", HOOK | {"url": "https://10.0.0.1/"})
    assert wrong.status_code == 422
    assert 'value="BI"' in wrong.content.decode()
    page = client.post("/integrations/webhooks/", HOOK)["Location"]
    assert client.post(page, HOOK | {"name": "Reports"}).status_code == 302
    assert "whsec_" not in client.get(page).content.decode()
    assert "whsec_" in client.post(f"{page}secret/").content.decode()
    client.post(f"{page}test/")
    assert Operation.objects.count() == 1
    client.post(f"{page}pause/")
    assert WebhookEndpoint.objects.get().state == "paused"
    client.post(f"{page}close/")
    assert client.get(page).status_code == 404


def test_each_kind_of_field_has_a_style(client: Client) -> None:
    client.force_login(make_user(Role.ADMIN))
    page = client.get(reverse("integrations:webhooks-page")).content.decode()
    kinds = set(re.findall(r'<input type="(\w+)"', page)) - {"hidden", "radio", "checkbox"}
    styles = (settings.BASE_DIR / "static/core/css/forms.css").read_text()
    assert "url" in kinds
    assert not {kind for kind in kinds if f'input[type="{kind}"]' not in styles}


def test_a_planner_looks_and_changes_nothing(client: Client) -> None:
    client.force_login(make_user(Role.ADMIN))
    page = client.post("/integrations/webhooks/", HOOK)["Location"]
    client.force_login(make_user(Role.PLANNER))
    assert client.get(page).status_code == 200
    for action in ("secret", "rotate", "pause", "close"):
        client.post(f"{page}{action}/")
    client.post(page, HOOK | {"name": "Mine"})
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.state, str(endpoint)) == ("active", "BI")
    assert not AuditEntry.objects.filter(action="webhook.secret_shown").exists()


def test_the_list_asks_as_often_however_many_there_are(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(make_user(Role.ADMIN))
    for number in range(12):
        client.post("/integrations/webhooks/", HOOK | {"name": f"Hook {number}"})
    with django_assert_max_num_queries(12):
        client.get("/integrations/webhooks/")
