"""One refusal, told by each door in its own way."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import Http404, HttpResponse
from django.views import View
from rest_framework import exceptions, serializers
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from apps.core.errors import ConflictError, DomainError, NotAllowedError, StaleError
from apps.core.web.api import PROBLEM_JSON
from apps.core.web.pages import PageMixin
from tests.factories import make_user

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.test import Client, RequestFactory
    from rest_framework.response import Response


class Refusing(APIView):
    permission_classes = []
    authentication_classes = []
    error: Exception = DomainError("no")

    def post(self, _request: Any) -> Response:
        raise self.error


def answer(error: Exception) -> Response:
    return Refusing.as_view(error=error)(APIRequestFactory().post("/")).render()


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (DomainError("no"), 400, "invalid"),
        (NotAllowedError("no"), 403, "not_allowed"),
        (ConflictError("no"), 409, "conflict"),
        (StaleError("no"), 412, "stale"),
        (Http404(), 404, "not_found"),
        (exceptions.NotAuthenticated(), 403, "not_authenticated"),
        (exceptions.Throttled(wait=7), 429, "throttled"),
    ],
)
def test_the_api_answers_a_problem_document(error: Exception, status: int, code: str) -> None:
    response = answer(error)
    assert response.status_code == status
    assert response.headers["Content-Type"] == PROBLEM_JSON
    assert set(response.data) >= {"type", "title", "status", "detail", "code", "fields"}
    assert (response.data["status"], response.data["code"]) == (status, code)


def test_fields_and_extra_reach_the_caller() -> None:
    response = answer(ConflictError("busy", fields={"month": ["taken"]}, job_id="7"))
    assert response.data["fields"] == {"month": ["taken"]}
    assert response.data["job_id"] == "7"
    assert response.data["detail"] == "busy"


def test_nested_messages_become_one_map() -> None:
    error = serializers.ValidationError({"name": ["empty"], "shifts": [{}, {"start": ["late"]}]})
    assert answer(error).data["fields"] == {"name": ["empty"], "shifts.1.start": ["late"]}


def test_a_throttled_caller_learns_when_to_come_back() -> None:
    assert answer(exceptions.Throttled(wait=7)).headers["Retry-After"] == "7"


def test_an_unknown_error_is_no_refusal() -> None:
    with pytest.raises(ZeroDivisionError):
        answer(ZeroDivisionError())


class RefusingPage(PageMixin, View):
    def get(self, _request: HttpRequest) -> HttpResponse:
        raise ConflictError("The month is being planned.")

    post = get


@pytest.fixture
def page_request(db: None, rf: RequestFactory) -> Any:  # noqa: ARG001 - opens the database
    def make(method: str, **headers: str) -> HttpRequest:
        request = rf.generic(method, "/plan/7/", headers=headers)
        request.user = make_user()
        request.session = {}  # type: ignore[assignment]
        request._messages = CookieStorage(request)  # type: ignore[attr-defined]
        return request

    return make


def test_a_page_shows_the_refusal_with_its_status(page_request: Any) -> None:
    response = RefusingPage.as_view()(page_request("GET"))
    assert response.status_code == HTTPStatus.CONFLICT
    assert "The month is being planned." in response.content.decode()


def test_a_form_goes_back_with_a_message(page_request: Any) -> None:
    request = page_request("POST")
    response = RefusingPage.as_view()(request)
    assert (response.status_code, response["Location"]) == (302, "/plan/7/")
    assert [str(message) for message in get_messages(request)] == ["The month is being planned."]


def test_htmx_gets_the_words_only(page_request: Any) -> None:
    response = RefusingPage.as_view()(page_request("POST", **{"HX-Request": "true"}))
    assert response.status_code == HTTPStatus.CONFLICT
    assert response.content == b"The month is being planned."


def test_an_api_address_that_leads_nowhere_is_a_problem_document(client: Client) -> None:
    response = client.get("/api/v1/jobs/abc/")
    assert (response.status_code, response["Content-Type"]) == (404, PROBLEM_JSON)
    assert client.get("/nowhere/")["Content-Type"].startswith("text/html")


@pytest.mark.django_db
def test_a_stranger_to_the_api_is_asked_who_they_are(client: Client) -> None:
    response = client.get("/api/v1/jobs/")
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Basic")
