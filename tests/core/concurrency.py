"""Other transactions beside the test's own."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def in_parallel(*functions: Callable[[], T]) -> list[Future[T]]:
    """Run each function in a thread with a connection of its own, and give their ended futures."""

    def on_own_connection(function: Callable[[], T]) -> T:
        try:
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return [pool.submit(on_own_connection, function) for function in functions]
