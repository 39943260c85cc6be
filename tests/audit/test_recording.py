from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from structlog.contextvars import bound_contextvars

from apps.audit.models import AuditEntry
from apps.audit.services import Change, record, record_many
from tests.factories import make_user

if TYPE_CHECKING:
    from django.test import RequestFactory

pytestmark = pytest.mark.django_db


def test_an_entry_says_who_did_what_to_what() -> None:
    actor, touched = make_user(), make_user()
    with bound_contextvars(request_id="r-7", address="2001:db8::1", user_agent="Firefox"):
        entry = record(
            action="user.disable",
            obj=touched,
            actor=actor,
            before={"is_active": True},
            after={"is_active": False},
        )
    entry.refresh_from_db()
    assert (entry.actor, entry.action) == (actor, "user.disable")
    assert (entry.object_type, entry.object_id) == ("accounts.user", str(touched.pk))
    assert (entry.before, entry.after) == ({"is_active": True}, {"is_active": False})
    assert (entry.request_id, entry.address, entry.user_agent) == ("r-7", "2001:db8::1", "Firefox")


@pytest.mark.parametrize("address", [None, "", "unix:"])
def test_a_caller_without_an_address_is_recorded_without_one(address: str | None) -> None:
    with bound_contextvars(address=address):
        assert record(action="user.sign_in", obj=make_user(), actor=None).address is None


def test_an_entry_leaves_with_the_transaction_that_fails() -> None:
    user = make_user()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(action="user.disable", obj=user, actor=user)
        raise ZeroDivisionError
    assert not AuditEntry.objects.exists()


def test_a_person_with_entries_stays() -> None:
    user = make_user()
    record(action="user.sign_in", obj=user, actor=user)
    with pytest.raises(ProtectedError):
        user.delete()


def test_the_admin_only_reads(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = make_user(is_staff=True, is_superuser=True)
    entries = admin.site._registry[AuditEntry]
    assert entries.has_view_permission(request)
    assert not entries.has_add_permission(request)
    assert not entries.has_change_permission(request)
    assert not entries.has_delete_permission(request)


def test_many_changes_are_written_in_one_query() -> None:
    actor, others = make_user(), [make_user() for _number in range(3)]
    changes = [Change("user.close", other, before={"day": dt.date(2026, 11, 20)}) for other in others]
    context = bound_contextvars(request_id="r-8", address="2001:db8::1")
    with context, CaptureQueriesContext(connection) as queries:
        record_many(changes, actor=actor)
    assert len(queries) == 1
    entries = AuditEntry.objects.filter(action="user.close").order_by("pk")
    assert [entry.object_id for entry in entries] == [str(other.pk) for other in others]
    assert {(entry.object_type, entry.actor_id) for entry in entries} == {("accounts.user", actor.pk)}
    assert (entries[0].before, entries[0].after) == ({"day": "2026-11-20"}, None)
    assert {(entry.request_id, entry.address) for entry in entries} == {("r-8", "2001:db8::1")}
    record_many([], actor=None)
    record_many(changes[:1], actor=None)  # away from any request
    assert AuditEntry.objects.filter(actor=None, address=None).count() == 1
