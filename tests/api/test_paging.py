"""Lists by cursor: every row once, in order, whatever is added between two pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from rest_framework.test import APIClient, APIRequestFactory

from apps.accounts.choices import Role
from apps.core.web.api import Pages
from apps.organization.models import Employee, Site
from tests.factories import make_employee, make_site, make_user

ROOT = "/api/v1/employees/"


def walk(client: APIClient, address: str, key: str = "next") -> list[int]:
    """Follow a list to its end."""
    seen: list[int] = []
    while address:
        answer = client.get(address).json()
        rows = [row["id"] for row in answer["results"]]
        seen = seen + rows if key == "next" else rows + seen
        address = answer[key]
    return seen


@pytest.fixture
def planner(db: None) -> APIClient:  # noqa: ARG001 - opens the database
    client = APIClient()
    client.force_authenticate(make_user(Role.PLANNER))
    return client


class PagesTest(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(
        facts=st.lists(st.tuples(st.sampled_from("абв"), st.sampled_from([None, 1, 2])), max_size=9),
        size=st.integers(1, 4),
        ordering=st.sampled_from([[], ["dismissed_on"], ["-dismissed_on"], ["-last_name", "dismissed_on"]]),
    )
    def test_pages_are_the_list_in_pieces(self, facts: list[Any], size: int, ordering: list[str]) -> None:
        """Equal keys and nulls included, forwards and backwards."""
        for name, day in facts:
            left = None if day is None else dt.date(2030, 1, day)
            make_employee(last_name=name, dismissed_on=left)
        rows = Employee.objects.order_by(*ordering) if ordering else Employee.objects.all()
        whole = [row.pk for row in rows.order_by(*(rows.query.order_by or Employee._meta.ordering), "pk")]
        if ordering and ordering[-1].startswith("-"):
            whole = [row.pk for row in rows.order_by(*ordering, "-pk")]
        pages, address = [], f"/x/?page_size={size}"
        while address:
            page, address, back = self._page(rows, address)
            pages.append(page)
        assert [pk for page in pages for pk in page] == whole
        backwards = []
        while back:
            page, _forward, back = self._page(rows, back)
            backwards.append(page)
        assert [pk for page in reversed(backwards) for pk in page] == whole[: len(whole) - len(pages[-1])]

    def _page(self, rows: Any, address: str) -> tuple[list[int], str, str]:
        pages, request = Pages(), APIRequestFactory().get(address)
        request.query_params = request.GET  # type: ignore[attr-defined]
        found = [row.pk for row in pages.paginate_queryset(rows, request)]  # type: ignore[arg-type]
        answer = pages.get_paginated_response(found).data
        return found, answer["next"], answer["previous"]


def test_a_row_added_before_the_cursor_shifts_nothing(planner: APIClient) -> None:
    people = [make_employee(last_name=name) for name in "бгд"]
    first = planner.get(ROOT, {"page_size": 2}).json()
    make_employee(last_name="а")
    added = make_employee(last_name="е")
    assert walk(planner, first["next"]) == [people[2].pk, added.pk]


def test_the_way_back(planner: APIClient) -> None:
    people = [make_employee(last_name=name).pk for name in "абвгд"]
    first = planner.get(ROOT, {"page_size": 2}).json()
    second = planner.get(first["next"]).json()
    third = planner.get(second["next"]).json()
    assert (first["previous"], third["next"]) == (None, None)
    assert walk(planner, third["previous"], "previous") == people[:4]
    back = planner.get(third["previous"]).json()
    assert [row["id"] for row in planner.get(back["next"]).json()["results"]] == people[4:]


@pytest.mark.parametrize("cursor", ["", "x", "a:b", "%00", "9" * 5000])
def test_a_made_up_cursor_is_refused(planner: APIClient, cursor: str) -> None:
    answer = planner.get(f"{ROOT}?cursor={cursor}")
    assert answer.status_code == 400
    if cursor != "%00":
        assert "cursor" in answer.json()["fields"]


def test_a_cursor_of_another_order_is_refused(planner: APIClient) -> None:
    for _ in range(2):
        make_employee()
    address = planner.get(ROOT, {"page_size": 1}).json()["next"]
    answer = planner.get(f"{address}&ordering=-hired_on")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["cursor"])


@pytest.mark.parametrize("size", ["0", "501", "-1", "ten", "²", "9" * 5000])
def test_a_page_has_1_to_500_rows(planner: APIClient, size: str) -> None:
    answer = planner.get(ROOT, {"page_size": size})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["page_size"])


@pytest.mark.parametrize("query", [{"name": "x"}, {"page": "2"}, {"ordering": "user"}, {"offset": "3"}])
def test_what_a_list_does_not_know_is_refused_by_name(planner: APIClient, query: dict[str, str]) -> None:
    answer = planner.get(ROOT, query)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, list(query))


def test_ordering_by_two_fields(planner: APIClient) -> None:
    south, north = make_site(code="a", name="south"), make_site(code="b", name="north")
    found = planner.get("/api/v1/sites/", {"ordering": "-name,code", "page_size": 1}).json()
    assert [row["id"] for row in found["results"]] == [south.pk]
    assert walk(planner, found["next"]) == [north.pk]
    assert Site.objects.count() == 2
