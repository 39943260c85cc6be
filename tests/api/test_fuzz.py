"""Nonsense to every operation of the schema, by every role and by nobody: refused, never a 5xx."""

from __future__ import annotations

import random
import re
from io import StringIO
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from django.core.management import call_command
from django.db import transaction
from rest_framework.test import APIClient

from tests.api.test_schema import operations
from tests.api.world import World, make_world

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

ROUNDS = 2
DATES = ["2027-13-45", "0001-01-01", "9999-12-30", "0001-01-01T00:00Z", "9999-12-31T23:59Z"]
TEXTS = ["", "x", "²", "9" * 400, "%", "'; --", "\u202e", "nan", "1e999", "-0", *DATES]
JUNK: list[Any] = [None, True, -1, 0, 2**63, 1e308, [], {}, [None], [[]], {"a": {}}, *TEXTS]


@pytest.fixture
def world(db: None, settings: SettingsWrapper) -> World:  # noqa: ARG001 - opens the database
    settings.API_REQUESTS_PER_MINUTE = 0
    return make_world()


@pytest.fixture(scope="module")
def schema() -> Any:
    out = StringIO()
    call_command("spectacular", stdout=out, format="openapi-json")
    return orjson.loads(out.getvalue())


def near(schema: Any, part: Any, rng: random.Random, depth: int = 0) -> Any:
    """Make a value of about the right shape: junk now and then, anywhere."""
    if rng.random() < 0.25 or depth > 4:
        return rng.choice(JUNK)
    if "$ref" in part or "oneOf" in part:
        named = schema["components"]["schemas"].get(part.get("$ref", "").split("/")[-1])
        return near(schema, named or rng.choice(part["oneOf"]), rng, depth + 1)
    kind = part.get("type", "string")
    if "properties" in part:
        named = [(name, inner) for name, inner in part["properties"].items() if rng.random() < 0.9]
        return {name: near(schema, inner, rng, depth + 1) for name, inner in named}
    if kind == "array":
        return [near(schema, part.get("items", {}), rng, depth + 1) for _ in range(rng.randrange(3))]
    numbers = [1, 2, 0, -1, 10**6, 2**31, 0.5]
    texts = ["2027-02-01", "2027-02-01T00:00Z", "bank", *TEXTS]
    return rng.choice(part.get("enum") or (texts if kind == "string" else numbers))


def call(world: World, schema: Any, client: APIClient, rng: random.Random, entry: Any) -> Any:
    path, method, operation = entry
    ids = [
        world.keyed["organization:api-employee"],
        world.common["queue_id"],
        world.keyed["schedules"],
        0,
        10**18,
    ]
    address = re.sub(r"\{\w+\}", lambda _match: str(rng.choice(ids)), path)
    if "/jobs/{" in path:
        address = path.replace("{id}", str(world.keyed["jobs"]))
    query = {
        parameter["name"]: rng.choice([*TEXTS, "1", "2027-02-01", "2027-02-01T00:00Z"])
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query" and rng.random() < 0.5
    }
    if method == "get":
        return client.get(address, query)
    content = operation.get("requestBody", {}).get("content", {})
    body = near(schema, content["application/json"]["schema"], rng) if "application/json" in content else {}
    text = orjson.dumps(body, default=str)
    return getattr(client, method)(address, text, content_type="application/json")


@pytest.mark.parametrize("role", ["employee", "supervisor", "planner", "admin", "anonymous"])
def test_nonsense_is_refused(world: World, schema: Any, role: str) -> None:
    rng = random.Random(role)  # noqa: S311 - the same nonsense every time
    client = APIClient()
    if role in world.users:
        client.force_login(world.users[role])
    for _round in range(1 if role == "anonymous" else ROUNDS):
        for entry in operations(schema):
            with transaction.atomic():
                answer = call(world, schema, client, rng, entry)
                transaction.set_rollback(True)
            assert answer.status_code < 500, (entry[:2], answer.content)
            if role == "anonymous":
                assert answer.status_code == 401, entry[:2]
