"""What no view can read is refused by each door, never an error of the server."""

from __future__ import annotations

import base64
import datetime as dt
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from benchmarks.pages_data import make_month
from tests.factories import make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
PLACE = "/planning/bank/2027-02/"
LONG = "9" * 5000
BAD = ["%00", "%C2%B2", LONG, "9" * 19, "-1", "1e400", "%F0%9F%98%80"]
PAGES = [
    "/schedule/?group={}",
    "/history/?queue={}",
    "/forecast/?queue={}",
    f"{PLACE}schedule/?variant={{}}",
    f"{PLACE}schedule/?name={{}}&department={{}}&site={{}}&work_rule={{}}&order={{}}",
    f"{PLACE}schedule/2027-02-03/?variant={{}}",
    f"{PLACE}requirement/?from={{}}",
    f"{PLACE}requirement/?days={{}}",
    "/queues/bank/forecast/?version={}",
    "/queues/bank/history/?days={}",
    "/my-schedule/?month={}",
    "/jobs/?state={}&page={}",
    "/?{}=1",
    "/queues/{}/history/",
    "/planning/{}/2027-02/",
    "/planning/bank/{}/",
    "/history-imports/{}/",
    "/jobs/{}/",
]
ADDRESSES = [
    "schedules/?group={}",
    "schedules/?month={}",
    "schedules/?state={}&ordering={}&page={}&page_size={}",
    "schedules/{}/",
    "schedules/{}/shifts/",
    "schedules/conflicts/?variant={}",
    "schedules/conflicts/?employee={}&code={}&mode={}",
    "jobs/?state={}&kind={}",
    "jobs/{}/",
    "forecasts/?queue={}",
    "requirements/?queue={}",
    "queues/{}/history/?start={}&end={}",
    "employees/?search={}&department={}",
]


@pytest.fixture
def planner(client: Client) -> Client:
    make_month("bank", people=3, month=dt.date(2027, 2, 1))
    client.force_login(make_user("planner"))
    return client


@pytest.mark.parametrize("bad", BAD)
def test_nothing_in_an_address_breaks_a_page(planner: Client, bad: str) -> None:
    for page in PAGES:
        answer = planner.get(page.replace("{}", bad))
        assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, page
        if bad == "%00" and "?" in page:
            assert answer.status_code == HTTPStatus.BAD_REQUEST, page


@pytest.mark.parametrize("bad", BAD)
def test_nothing_in_an_address_breaks_the_api(planner: Client, bad: str) -> None:
    for address in ADDRESSES:
        answer = planner.get(f"/api/v1/{address.replace('{}', bad)}")
        assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, address
        if bad == "%00" and "?" in address and "queues/" not in address:
            assert answer.status_code == HTTPStatus.BAD_REQUEST, address
            assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("variant", ["\u00b2", LONG, "9" * 19, "\0", "-1", ""])
def test_publishing_by_nonsense_is_refused(planner: Client, variant: str) -> None:
    answer = planner.post(f"{PLACE}publish/", {"variant": variant})
    assert answer.status_code in {302, 400, 404}


@pytest.mark.parametrize("value", ["\0", LONG, "\u00b2", 10**30, -1, None, [], {}, 1e308])
def test_a_body_of_nonsense_is_refused(planner: Client, value: object) -> None:
    for name in ("group", "month", "seed", "time_limit_s"):
        body = {"group": "bank", "month": "2027-02", name: value}
        answer = planner.post("/api/v1/schedules/generate/", body, content_type="application/json")
        assert answer.status_code == HTTPStatus.BAD_REQUEST, (name, answer.content)
        form = planner.post("/api/v1/schedules/generate/", {"group": "bank", name: str(value)})
        assert form.status_code == HTTPStatus.BAD_REQUEST, name


def test_a_cookie_and_a_name_with_a_nul_are_nobody(client: Client) -> None:
    client.cookies["sessionid"] = "a\0b"
    assert client.get("/").status_code == HTTPStatus.BAD_REQUEST
    del client.cookies["sessionid"]
    name = base64.b64encode(b"a\0b:secret").decode()
    answer = client.get("/api/v1/schedules/", headers={"Authorization": f"Basic {name}"})
    assert answer.status_code in {401, 403}
    assert client.post("/accounts/login/", {"username": "a\0b", "password": "x"}).status_code == 400


def test_a_body_that_is_too_large_is_refused_in_words(planner: Client) -> None:
    body = '{"a": "' + "x" * 2_700_000 + '"}'
    answer = planner.post("/api/v1/schedules/generate/", body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")
    assert answer.json()["code"] == "too_large"
    assert planner.post("/jobs/bell/seen/", {"until": "x" * 2_700_000}).status_code == 413
