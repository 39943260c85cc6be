from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.audit.models import AuditEntry
from apps.core import locks
from apps.core.errors import ConflictError
from tests.core.concurrency import in_parallel
from tests.factories import make_user


@pytest.mark.django_db(transaction=True)
def test_a_lock_needs_a_transaction() -> None:
    with pytest.raises(RuntimeError, match=r"transaction\.atomic"):
        locks.advisory_lock("month")
    with pytest.raises(RuntimeError, match=r"transaction\.atomic"):
        locks.lock_rows(User.objects.all())


@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LOCK_TIMEOUT_S", 0.2)
    user = make_user()
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            locks.advisory_lock("month")
            locks.lock_rows(User.objects.filter(pk=user.pk))
            held.set()
            done.wait(10)

    @transaction.atomic
    def want_name() -> None:
        held.wait(10)
        locks.advisory_lock("month")

    @transaction.atomic
    def want_row() -> None:
        held.wait(10)
        locks.lock_rows(User.objects.all())

    def release() -> None:
        for refused in in_parallel(want_name, want_row):
            assert isinstance(refused.exception(), ConflictError)
        done.set()

    for ended in in_parallel(hold, release):
        ended.result()


@pytest.mark.django_db
def test_rows_are_locked_by_layer_and_key_whatever_the_order_of_the_arguments() -> None:
    second, first = make_user(username="b"), make_user(username="a")
    with CaptureQueriesContext(connection) as queries:
        users, entries = locks.lock_in_order(User.objects.order_by("username"), AuditEntry.objects.all())
    assert [user.pk for user in users] == sorted([first.pk, second.pk])
    assert entries == []
    locking = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert ["audit_auditentry" in sql for sql in locking] == [True, False]
    assert all("ORDER BY" in sql for sql in locking)
