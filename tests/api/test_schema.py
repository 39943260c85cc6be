"""The description of the API: no warnings, every operation told, and a page that shows it from here alone."""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command

from apps.accounts.choices import Role
from tests.factories import make_user

if TYPE_CHECKING:
    from django.test import Client

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def schema() -> Any:
    out, told = StringIO(), StringIO()
    options = {"validate": True, "fail_on_warn": True, "format": "openapi-json"}
    call_command("spectacular", stdout=out, stderr=told, **options)
    return json.loads(out.getvalue())


def operations(schema: Any) -> list[tuple[str, str, Any]]:
    return [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_it_is_openapi_3_1_without_warnings(schema: Any) -> None:
    assert schema["openapi"].startswith("3.1")
    assert len(operations(schema)) > 60


def test_every_operation_has_words_refusals_and_ways_in(schema: Any) -> None:
    for path, method, operation in operations(schema):
        assert operation["summary"].endswith("."), (path, method)
        assert {"400", "401", "403", "429"} <= set(operation["responses"]), (path, method)
        assert {"apiKey": []} in operation["security"], (path, method)
        assert {"cookieAuth": []} in operation["security"], (path, method)
        problem = operation["responses"]["401"]["content"]["application/problem+json"]["schema"]
        assert problem == {"$ref": "#/components/schemas/Problem"}
    assert set(schema["components"]["securitySchemes"]) == {"apiKey", "basicAuth", "cookieAuth"}


def test_lists_page_by_cursor(schema: Any) -> None:
    people = schema["paths"]["/api/v1/employees/"]["get"]
    named = {parameter["name"] for parameter in people["parameters"]}
    assert {"cursor", "page_size", "ordering", "department", "personnel_number"} <= named
    assert "page" not in named


def test_headers_of_repeats_and_edits_are_told(schema: Any) -> None:
    post = schema["paths"]["/api/v1/employees/"]["post"]
    assert "Idempotency-Key" in {parameter["name"] for parameter in post["parameters"]}
    assert "422" in post["responses"]
    put = schema["paths"]["/api/v1/employees/{id}/"]["put"]
    assert "If-Match" in {parameter["name"] for parameter in put["parameters"]}
    assert "412" in put["responses"]


def test_what_is_answered_is_told_as_it_is(schema: Any) -> None:
    paths = schema["paths"]
    assert set(paths["/api/v1/shifts/{id}/"]["delete"]["responses"]) >= {"200"}
    assert "204" not in paths["/api/v1/shifts/{id}/"]["delete"]["responses"]
    for path, method, operation in operations(schema):
        named = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
        assert method == "get" or not named & {"cursor", "page_size", "ordering"}, (path, method)
    corrected = paths["/api/v1/queues/{queue_id}/history-corrections/"]["post"]["responses"]["201"]
    assert corrected["content"]["application/json"]["schema"]["type"] == "array"
    parts = schema["components"]["schemas"]
    rates = [parts[name]["properties"]["rate"]["type"] for name in ("Terms", "TermsWriteRequest")]
    assert rates == ["number", "number"]


@pytest.mark.django_db
def test_the_pages_come_from_here_and_run_no_inline_script(client: Client) -> None:
    client.force_login(make_user(Role.PLANNER))
    page = client.get("/api/v1/docs/")
    text = page.content.decode()
    assert page.status_code == 200
    assert '<a href="/">' in text
    assert 'data-theme="' in text
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", text)
    assert not re.findall(r"<script>(?!</script>)", text)
    policy = page["Content-Security-Policy"]
    assert "script-src 'self';" in policy + ";"
    assert "http" not in policy
    script = re.search(r"script src=\"([^\"]*script=[^\"]*)\"", text)
    assert script is not None
    assert client.get(script[1].replace("&amp;", "&"))["Content-Type"].startswith("application/javascript")
    assert client.get("/api/v1/schema/?format=json").json()["openapi"].startswith("3.1")
    assert "style-src 'self'" in client.get("/jobs/")["Content-Security-Policy"]
    assert "unsafe-inline" not in client.get("/jobs/")["Content-Security-Policy"]
