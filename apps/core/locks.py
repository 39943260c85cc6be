"""Locks, and the one order in which they are taken.

The order: advisory locks first; then rows by app (lower layers first, as in `INSTALLED_APPS`), by table name,
by primary key. Whoever needs rows of several tables takes them with one `lock_in_order` call, and so never
meets somebody who holds the second and waits for the first.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.db import OperationalError, connections, router
from django.db.models import Model
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from apps.core.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet


class LockHeldError(ConflictError):
    """Somebody else holds the lock; the same may well succeed a little later."""


ModelT = TypeVar("ModelT", bound=Model)
LOCK_TIMEOUT_S = 5


def advisory_lock(name: str) -> None:
    """Hold the lock `name` until the transaction ends; `LockHeldError` after `LOCK_TIMEOUT_S` of waiting."""
    alias = router.db_for_write(Model)
    with _bounded_wait(alias), connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def lock_rows(queryset: QuerySet[ModelT]) -> list[ModelT]:
    """Lock rows for update, by primary key; `LockHeldError` after `LOCK_TIMEOUT_S` of waiting."""
    with _bounded_wait(router.db_for_write(queryset.model)):
        return list(queryset.select_for_update(of=("self",)).order_by("pk"))


def lock_in_order(*querysets: QuerySet[Any]) -> tuple[list[Any], ...]:
    """Lock rows of several tables in the written order; the answer keeps the order of the arguments."""
    layers = {config.label: layer for layer, config in enumerate(apps.get_app_configs())}

    def place(index: int) -> tuple[int, str]:
        options = querysets[index].model._meta  # noqa: SLF001 - Django's public name for it
        return layers[options.app_label], options.db_table

    locked = {index: lock_rows(querysets[index]) for index in sorted(range(len(querysets)), key=place)}
    return tuple(locked[index] for index in range(len(querysets)))


@contextmanager
def _bounded_wait(alias: str) -> Iterator[None]:
    connection = connections[alias]
    if not connection.in_atomic_block:
        raise RuntimeError("A lock outside a transaction is released at once: use transaction.atomic.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LOCK_TIMEOUT_S}s"])
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise LockHeldError(_("Somebody else is changing this just now; try again.")) from error
        raise
