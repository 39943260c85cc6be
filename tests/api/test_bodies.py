"""What is sent is understood whole or refused: unknown fields, days out of reach, instants without offset."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from apps.demand.models import SpecialDay
from tests.api.endpoints import Endpoint, endpoints
from tests.api.world import World, make_world

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

WRITES = [each for each in endpoints() if each.is_api and each.method in {"POST", "PUT", "PATCH"}]
FILES = {"demand:api-imports"}  # its body is a file, read by the reader of files
FAR = ("0001-01-01", "1989-12-31", "2101-01-01", "9999-12-31")


@pytest.fixture
def world(db: None, settings: SettingsWrapper) -> World:  # noqa: ARG001 - opens the database
    settings.API_REQUESTS_PER_MINUTE = 0
    return make_world()


@pytest.fixture
def admin(world: World) -> APIClient:
    client = APIClient()
    client.force_authenticate(world.users["admin"])
    return client


def send(world: World, admin: APIClient, endpoint: Endpoint, body: Any) -> Any:
    with transaction.atomic():
        answer = getattr(admin, endpoint.method.lower())(world.address(endpoint), body, format="json")
        transaction.set_rollback(True)
    return answer


def test_a_field_that_nobody_reads_is_refused_by_name(world: World, admin: APIClient) -> None:
    for endpoint in WRITES:
        if endpoint.name in FILES:
            continue
        body = world.bodies.get(endpoint.name, {}) | {"frist_name": "x"}
        answer = send(world, admin, endpoint, body)
        assert answer.status_code == HTTPStatus.BAD_REQUEST, (endpoint, answer.content)
        assert "frist_name" in answer.json()["fields"], (endpoint, answer.content)


@pytest.mark.parametrize(
    ("name", "method", "body", "field"),
    [
        ("organization:api-employee", "PATCH", {"terms": {"rat": 1}}, "terms.rat"),
        ("organization:api-queue", "PATCH", {"opening_hours": [{"day": 1}]}, "opening_hours.0.day"),
        ("demand:api-corrections", "POST", {"spans": [{"form": 1}]}, "spans.0.form"),
        ("forecasts:api-adjust", "POST", {"adjustments": [{"factor": 1}]}, "adjustments.0.factor"),
        ("staffing:api-effect", "POST", {"adjustments": [{"factor": 1}]}, "adjustments.0.factor"),
    ],
)
def test_so_is_one_inside_another(
    world: World, admin: APIClient, name: str, method: str, body: Any, field: str
) -> None:
    endpoint = next(each for each in WRITES if (each.name, each.method) == (name, method))
    answer = send(world, admin, endpoint, body)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert field in answer.json()["fields"]


def test_a_mistyped_check_never_lets_an_edit_through(world: World, admin: APIClient) -> None:
    endpoint = next(each for each in WRITES if each.name == "schedules:api-edits")
    shift = world.common["shift"]
    body = world.bodies["schedules:api-edits"] | {"expcted": {str(shift): 99}}
    answer = admin.post(world.address(endpoint), body, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["expcted"])
    assert admin.get(f"/api/v1/shifts/{shift}/").status_code == HTTPStatus.OK


def test_what_was_read_may_be_sent_back(world: World, admin: APIClient) -> None:
    address = f"/api/v1/special-days/{SpecialDay.objects.get().pk}/"
    read = admin.get(address).json()
    assert admin.put(address, read, format="json").status_code == HTTPStatus.OK
    site = f"/api/v1/sites/{world.keyed['organization:api-site']}/"
    assert admin.put(site, admin.get(site).json(), format="json").status_code == HTTPStatus.OK


@pytest.mark.parametrize("day", FAR)
def test_days_out_of_reach_are_refused(world: World, admin: APIClient, day: str) -> None:
    queue = world.common["queue_id"]
    instant = f"{day}T00:00Z"
    for address, query in [
        (f"/api/v1/queues/{queue}/outliers/", {"first": day, "last": day}),
        (f"/api/v1/queues/{queue}/history/", {"start": instant, "end": "2027-01-01T00:00Z"}),
        ("/api/v1/contact-statistics/", {"start": instant, "end": "2027-01-01T00:00Z", "period": "month"}),
        ("/api/v1/contact-statistics/", {"start": "2027-01-01T00:00Z", "end": instant, "period": "month"}),
    ]:
        answer = admin.get(address, query)
        assert answer.status_code == HTTPStatus.BAD_REQUEST, (address, answer.content)
        assert set(answer.json()["fields"]) <= set(query)


@pytest.mark.parametrize("start", ["2027-02-01T09:00", "2027-02-01", "1800000000", 1800000000, None])
def test_an_instant_says_its_offset(world: World, admin: APIClient, start: Any) -> None:
    answer = admin.patch(f"/api/v1/shifts/{world.common['shift']}/", {"start": start}, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["start"])


@pytest.mark.parametrize(
    ("address", "name"),
    [("employees", "is_employed"), ("shifts", "is_published"), ("positions", "is_planned")],
)
def test_a_filter_of_nonsense_lets_nothing_through(admin: APIClient, address: str, name: str) -> None:
    for value in ("maybe", "zzz", "2", "None"):
        answer = admin.get(f"/api/v1/{address}/", {name: value})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [name])
    for value in ("true", "False", "0", "1"):
        assert admin.get(f"/api/v1/{address}/", {name: value}).status_code == HTTPStatus.OK


def test_the_scope_of_an_area_alone_suffices(world: World) -> None:
    """For every address: what a key may that lists only its area, one may that lists only the address."""
    for endpoint in endpoints():
        if not endpoint.is_api or endpoint.area is None:
            continue
        told = []
        for scope in (f"{endpoint.area}:{endpoint.action}", f"{endpoint.name}:{endpoint.action}"):
            world.key.scopes = [scope]
            world.key.save(update_fields=["scopes"])
            with transaction.atomic():
                client = APIClient(headers={"X-API-Key": world.secret})
                body = world.bodies.get(endpoint.name, {})
                call = getattr(client, endpoint.method.lower())
                extra = {} if endpoint.method == "GET" or endpoint.name in FILES else {"format": "json"}
                told.append(call(world.address(endpoint), body, **extra).status_code)
                transaction.set_rollback(True)
        assert told[0] == told[1] != HTTPStatus.FORBIDDEN, endpoint
