from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction

from apps.core import outlasting
from apps.core.outlasting import outlast_database

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlasting, "LOOK_EVERY_S", 0.01)


def failing(*faults: Exception) -> Callable[[], str]:
    waiting = list(faults)

    def work() -> str:
        if waiting:
            raise waiting.pop(0)
        return "done"

    return work


def test_work_is_done_again_until_the_database_is_back() -> None:
    assert outlast_database(failing(OperationalError(), InterfaceError())) == "done"


def test_a_connection_that_was_cut_is_replaced() -> None:
    with connection.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def ask() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 7")
            return int(cursor.fetchone()[0])

    assert outlast_database(ask) == 7


def test_patience_ends() -> None:
    with pytest.raises(OperationalError):
        outlast_database(failing(*[OperationalError() for _ in range(500)]), patience_s=0.05)


def test_a_transaction_is_not_outlasted() -> None:
    with pytest.raises(OperationalError), transaction.atomic():
        outlast_database(failing(OperationalError()))


def test_other_faults_are_not_waited_out() -> None:
    with pytest.raises(ZeroDivisionError):
        outlast_database(failing(ZeroDivisionError()))
