"""Arrays to PostgreSQL by binary COPY: the rows are laid out in memory as the server reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Column = tuple[str, npt.NDArray[Any]]  # type (a key of _FORMATS) and values

_FORMATS = {"int4": ">i4", "int8": ">i8", "float8": ">f8", "timestamptz": ">i8"}
_SIZES = {"int4": 4, "int8": 8, "float8": 8, "timestamptz": 8}
_SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = b"\xff\xff"
_POSTGRES_EPOCH = np.datetime64("2000-01-01T00:00:00", "us").astype(np.int64)
_ROWS_AT_ONCE = 50_000


def copy_rows(cursor: Any, table: str, columns: Mapping[str, Column], *, null: int | None = None) -> None:
    """Append rows to a table in one pass for each set of columns that are null together.

    Parameters
    ----------
    cursor
        A cursor of Django's connection, inside a transaction.
    table
        Name of the table, partitioned or not.
    columns
        Name -> (type, values of shape (n,)); `timestamptz` takes `datetime64` in UTC.
    null
        The value that stands for null in integer columns.

    """
    for names, rows in _by_nulls(columns, null):
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
        )
        with cursor.copy(statement) as copy:
            copy.write(_SIGNATURE)
            for begin in range(0, rows.size, _ROWS_AT_ONCE):
                part = rows[begin : begin + _ROWS_AT_ONCE]
                copy.write(
                    _packed({name: (columns[name][0], columns[name][1][part]) for name in names}, part.size)
                )
            copy.write(_END)


def _by_nulls(
    columns: Mapping[str, Column], null: int | None
) -> Iterator[tuple[list[str], npt.NDArray[np.intp]]]:
    """Yield the columns that are filled and the rows in which exactly these are."""
    size = len(next(iter(columns.values()))[1])
    pattern = np.zeros(size, dtype=np.int64)
    for bit, (kind, values) in enumerate(columns.values()):
        if null is not None and kind.startswith("int"):
            pattern |= (values == null).astype(np.int64) << bit
    for empty in np.unique(pattern).tolist():
        names = [name for bit, name in enumerate(columns) if not empty >> bit & 1]
        yield names, np.flatnonzero(pattern == empty)


def _packed(columns: Mapping[str, Column], size: int) -> bytes:
    """Tuples of the binary COPY format: a count of fields, then each field's length and bytes, big-endian."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, (kind, _values) in columns.items():
        layout += [(f"{name} length", ">i4"), (name, _FORMATS[kind])]
    rows = np.empty(size, dtype=layout)
    rows["fields"] = len(columns)
    for name, (kind, values) in columns.items():
        rows[f"{name} length"] = _SIZES[kind]
        rows[name] = _since_2000(values) if kind == "timestamptz" else values
    return rows.tobytes()


def _since_2000(instants: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
    return instants.astype("datetime64[us]").astype(np.int64) - _POSTGRES_EPOCH


def read_rows(cursor: Any, query: sql.Composable, kinds: Mapping[str, str]) -> dict[str, npt.NDArray[Any]]:
    """Read a query whose columns are never null into arrays, by binary COPY.

    `kinds` maps the names of the query's columns, in their order, to their types; `timestamptz` comes as
    `datetime64[s]` in UTC.
    """
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in kinds.items():
        layout += [(f"{name} length", ">i4"), (name, _FORMATS[kind])]
    with cursor.copy(sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(query)) as copy:
        content = b"".join(copy)
    rows = np.frombuffer(content[len(_SIGNATURE) : -len(_END)], dtype=layout)
    read: dict[str, npt.NDArray[Any]] = {}
    for name, kind in kinds.items():
        values = rows[name].astype(np.float64 if kind == "float8" else np.int64)
        if kind == "timestamptz":
            values = ((values + _POSTGRES_EPOCH) // 1_000_000).astype("datetime64[s]")
        read[name] = values
    return read
