"""What people and programs see while something is broken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.db import OperationalError
from django.test import Client, override_settings
from django.urls import path

from apps.core.web.failing import server_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


def raising(error: Exception) -> Callable[[HttpRequest], HttpResponse]:
    def view(_request: HttpRequest) -> HttpResponse:
        raise error

    return view


handler500 = server_error
urlpatterns = [
    path("away/", raising(OperationalError("server closed the connection, password=secret"))),
    path("broken/", raising(ZeroDivisionError("secret"))),
    path("api/v1/away/", raising(OperationalError("secret"))),
    path("api/v1/broken/", raising(ZeroDivisionError("secret"))),
]


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(("address", "status"), [("/away/", 503), ("/broken/", 500)])
def test_a_person_gets_a_page_without_a_trace(address: str, status: int) -> None:
    response = Client(raise_request_exception=False).get(address)
    assert response.status_code == status
    assert "<h1>" in response.content.decode()
    assert "secret" not in response.content.decode()
    assert response.has_header("Retry-After") == (status == 503)


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(
    ("address", "status", "code"),
    [("/api/v1/away/", 503, "unavailable"), ("/api/v1/broken/", 500, "server_error")],
)
def test_a_program_gets_a_problem_document(address: str, status: int, code: str) -> None:
    response = Client(raise_request_exception=False).get(address)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert json.loads(response.content)["code"] == code
    assert "secret" not in response.content.decode()
