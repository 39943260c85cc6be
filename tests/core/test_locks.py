from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.audit.models import AuditEntry
from apps.core import locks
from tests.concurrency import at_once
from tests.factories import make_user

if TYPE_CHECKING:
    from collections.abc import Callable


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
    held, refused = threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        with transaction.atomic():
            locks.advisory_lock("month")
            locks.lock_rows(User.objects.filter(pk=user.pk))
            held.set()
            assert all(refused.acquire(timeout=10) for _ in range(2))

    def want(take: Callable[[], object]) -> None:
        assert held.wait(10)
        try:
            with transaction.atomic():
                take()
        finally:
            refused.release()

    holder, *others = at_once(
        hold,
        lambda: want(lambda: locks.advisory_lock("month")),
        lambda: want(lambda: locks.lock_rows(User.objects.all())),
    )
    assert holder is None
    assert [type(error) for error in others] == [locks.LockHeldError] * 2


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
