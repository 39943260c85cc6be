"""The page of all components is for staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from apps.accounts.choices import Role
from tests.factories import make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
ADDRESSES = ("/styleguide/", "/styleguide/data/", "/styleguide/data/?kind=bar")


@pytest.mark.parametrize(("is_staff", "status"), [(True, 200), (False, 403)])
def test_staff_only(is_staff: bool, status: int, client: Client) -> None:
    client.force_login(make_user(Role.PLANNER, is_staff=is_staff))
    assert [client.get(address).status_code for address in ADDRESSES] == [status] * len(ADDRESSES)


def test_strangers_sign_in_first(client: Client) -> None:
    assert client.get("/styleguide/")["Location"].startswith("/accounts/login/")


def test_charts_have_as_many_values_as_labels(client: Client) -> None:
    client.force_login(make_user(Role.PLANNER, is_staff=True))
    for address in ADDRESSES[1:]:
        answer = client.get(address).json()
        assert {len(series["values"]) for series in answer["series"]} == {len(answer["labels"])}
