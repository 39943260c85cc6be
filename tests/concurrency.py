"""Transactions of several threads that begin at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ResultT = TypeVar("ResultT")


def at_once(*functions: Callable[[], ResultT]) -> Sequence[ResultT | Exception]:
    """Call functions together, each with a database connection of its own; give results and exceptions."""
    start = threading.Barrier(len(functions))

    def run(function: Callable[[], ResultT]) -> ResultT | Exception:
        try:
            connection.ensure_connection()
            start.wait(timeout=10)
            return function()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, call) for call in functions]]
