"""Rows in one statement: columns as arrays, what is there already settled by the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import Model


def insert_rows(
    model: type[Model],
    columns: Mapping[str, tuple[str, Sequence[Any]]],
    *,
    key: Sequence[str],
    update: Sequence[str] = (),
    only_if: str = "true",
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Insert rows, each key at most once in `columns`; give `returning` (the key) of those that were written.

    `columns` maps a column to its SQL type and values, all of the same length. Of a row whose key is there,
    the columns `update` are replaced where one of them differs (and `only_if` holds); else it stays.
    """
    table = sql.Identifier(model._meta.db_table)  # noqa: SLF001 - Django's documented model API
    names = [sql.Identifier(name) for name in columns]
    arrays = sql.SQL(", ").join(sql.SQL(f"%s::{kind}[]") for kind, _values in columns.values())
    statement = sql.SQL(
        "INSERT INTO {table} AS held ({names}) SELECT * FROM unnest({arrays})"
        " ON CONFLICT ({key}) DO {action} RETURNING {returning}"
    ).format(
        table=table,
        names=sql.SQL(", ").join(names),
        arrays=arrays,
        key=_listed(key),
        action=_action(update, only_if),
        returning=sql.SQL(", ").join(
            sql.SQL("held.{}").format(sql.Identifier(name)) for name in (returning or key)
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(values) for _kind, values in columns.values()])
        return list(cursor.fetchall())


def _action(update: Sequence[str], only_if: str) -> sql.Composable:
    if not update:
        return sql.SQL("NOTHING")
    held = sql.SQL(", ").join(sql.SQL("held.{}").format(sql.Identifier(name)) for name in update)
    given = sql.SQL(", ").join(sql.SQL("excluded.{}").format(sql.Identifier(name)) for name in update)
    return sql.SQL("UPDATE SET {assigned} WHERE ({held}) IS DISTINCT FROM ({given}) AND {only_if}").format(
        assigned=sql.SQL(", ").join(
            sql.SQL("{name} = excluded.{name}").format(name=sql.Identifier(name)) for name in update
        ),
        held=held,
        given=given,
        only_if=sql.SQL(only_if),  # of our own code, never of a request
    )


def _listed(names: Sequence[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, names))
