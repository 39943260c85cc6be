"""Tables that leave are in the audit: who took which, how many rows, by which filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from apps.audit.models import AuditEntry
from apps.core.web import downloads
from tests.factories import make_employee, make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
PEOPLE = "/employees/download/"


def taken() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action="table.download").order_by("pk"))


def test_a_table_with_people_is_recorded_with_its_rows_and_filters(client: Client) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    planner = make_user("planner")
    client.force_login(planner)
    for _person in range(3):
        make_employee()
    answer = client.get(PEOPLE, {"format": "csv", "last_name": "Nobody"})
    assert answer.status_code == 200
    assert client.get(PEOPLE).status_code == 200
    narrow, whole = taken()
    assert (narrow.actor, narrow.object_type, narrow.object_id) == (
        planner,
        "table",
        "organization:employees-download",
    )
    assert narrow.after == {
        "table": narrow.after["table"],
        "format": "csv",
        "rows": 0,
        "filters": {"last_name": "Nobody"},
    }
    assert (whole.after["rows"], whole.after["format"], whole.after["filters"]) == (3, "xlsx", {})


def test_what_does_not_leave_is_not_recorded(client: Client) -> None:
    assert client.get(PEOPLE).status_code == 302
    client.force_login(make_user("planner"))
    assert client.get(PEOPLE, {"format": "pdf"}).status_code == 400
    client.head(PEOPLE)
    client.force_login(make_user("employee"))
    client.get(PEOPLE)
    assert taken() == []


def test_without_a_record_there_is_no_file(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_download: downloads.Download) -> None:
        raise PermissionError

    monkeypatch.setattr(downloads, "_witnesses", [refuse])
    client.force_login(make_user("planner"))
    with pytest.raises(PermissionError):
        client.get(PEOPLE)
