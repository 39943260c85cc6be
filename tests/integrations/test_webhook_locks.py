"""Whoever locks an endpoint has its connection first, so that no two meet crosswise."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.accounts.services.api_keys import issue_key
from apps.core import clock
from apps.core.errors import ConflictError
from apps.integrations.services import webhooks
from tests.factories import make_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.accounts.models import User
    from apps.integrations.models import WebhookEndpoint

pytestmark = pytest.mark.django_db
URL = "https://example.com/hook"
IN_ORDER = ["integrations_connection", "integrations_webhookendpoint"]


@pytest.fixture
def admin() -> User:
    return make_user("admin")


@pytest.fixture
def endpoint(admin: User) -> WebhookEndpoint:
    return webhooks.create_endpoint(name="BI", url=URL, events=["schedule.published"], actor=admin)[0]


def locked_by(action: Callable[[], object]) -> list[str]:
    """Give the tables whose rows an action locks, in the order in which it does so."""
    with CaptureQueriesContext(connection) as queries:
        action()
    statements = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    tables = [re.search(r'FROM "(\w+)"', text) for text in statements]
    return list(dict.fromkeys(found[1] for found in tables if found is not None))


def test_events_are_sent_again_under_locks_in_order(endpoint: WebhookEndpoint, admin: User) -> None:
    since = clock.now() - dt.timedelta(days=1)
    assert locked_by(lambda: webhooks.send_since(endpoint.pk, since, actor=admin)) == IN_ORDER
    assert locked_by(lambda: webhooks.send_test(endpoint.pk, actor=admin)) == IN_ORDER
    assert locked_by(lambda: webhooks.pause_endpoint(endpoint.pk, actor=admin)) == IN_ORDER


def test_the_api_changes_an_endpoint_under_locks_in_order(endpoint: WebhookEndpoint) -> None:
    key = issue_key(name="BI", scopes=["webhooks:read", "webhooks:write"], actor=None)
    api = APIClient(headers={"X-API-Key": key.secret})
    address = f"/api/v1/webhooks/{endpoint.pk}/"
    tag = api.get(address)["ETag"]
    locked = locked_by(
        lambda: api.patch(address, {"name": "Another"}, format="json", headers={"If-Match": tag})
    )
    assert [table for table in locked if table in IN_ORDER] == IN_ORDER


def test_nothing_is_sent_to_an_endpoint_that_was_closed_meanwhile(
    endpoint: WebhookEndpoint, admin: User
) -> None:
    webhooks.close_endpoint(endpoint.pk, actor=admin)
    with pytest.raises(ConflictError):
        webhooks.send_test(endpoint.pk, actor=admin)
    with pytest.raises(ConflictError):
        webhooks.send_since(endpoint.pk, clock.now(), actor=admin)
