"""Tables partitioned by month of their `start`: how a migration makes one, and how its months come and go."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection, transaction
from django.db.migrations.operations import CreateModel
from psycopg import sql

from apps.core import clock

if TYPE_CHECKING:
    from django.db.models import Model

LOCK_WAIT_S = 5
NEEDED_MONTHS_AHEAD = 1  # rows of this month and the next must find their partition, else it is an alarm


class CreatePartitionedModel(CreateModel):
    """Create the table of a model as `PARTITION BY RANGE (start)`, without partitions."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        del from_state  # the signature is Django's
        model = to_state.apps.get_model(app_label, self.name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        statement, params = schema_editor.table_sql(model)
        schema_editor.execute(f'{statement} PARTITION BY RANGE ("start")', params or None)
        indexes = schema_editor._model_indexes_sql(model)  # noqa: SLF001 - as Django's create_model does
        schema_editor.deferred_sql.extend(indexes)


def ensure_months(model: type[Model], first: dt.datetime, last: dt.datetime) -> list[str]:
    """Make the monthly (UTC) partitions that hold `first` to `last`, both included; give the new names.

    Safe to repeat and to run in several processes at once: an advisory lock orders them.
    """
    table = model._meta.db_table  # noqa: SLF001 - Django's documented model API
    made: list[str] = []
    with connection.cursor() as cursor:
        missing = [month for month in _months(first, last) if not _exists(cursor, _name(table, month))]
        if not missing:
            return made
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"partitions:{table}"])
        for month in missing:
            name = _name(table, month)
            if _exists(cursor, name):
                continue
            cursor.execute(
                sql.SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
                    sql.Identifier(name),
                    sql.Identifier(table),
                    month.isoformat(),
                    _next_month(month).isoformat(),
                )
            )
            made.append(name)
    return made


def drop_months(model: type[Model], before: dt.datetime) -> list[str]:
    """Drop the monthly partitions that end at `before` or earlier; give their names, oldest first.

    Waits a moment for those who use the table, then gives up with `OperationalError`: it can be done later.
    """
    table = model._meta.db_table  # noqa: SLF001 - Django's documented model API
    dropped: list[str] = []
    with transaction.atomic(), connection.cursor() as cursor:
        limit_lock_wait(cursor)
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = to_regclass(%s) AND c.relname ~ %s ORDER BY c.relname",
            [table, rf"^{table}_\d{{4}}_\d{{2}}$"],
        )
        for (name,) in cursor.fetchall():
            month = dt.datetime.strptime(name.removeprefix(f"{table}_"), "%Y_%m").replace(tzinfo=dt.UTC)
            if _next_month(month) <= before:
                cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
                dropped.append(name)
    return dropped


@dataclass(frozen=True)
class PartitionFault:
    """A table that lacks a partition soon needed, or whose default partition had to take rows."""

    table: str
    missing_months: tuple[dt.date, ...]
    default_holds_rows: bool


def partitioned_models() -> list[type[Model]]:
    """Give the models whose tables the database has partitioned, by table name."""
    with connection.cursor() as cursor:
        tables = {table for table, _held, _default in _partitions(cursor)}
    models = [model for model in apps.get_models() if model._meta.db_table in tables]  # noqa: SLF001 - Django's documented model API
    return sorted(models, key=lambda model: model._meta.db_table)  # noqa: SLF001 - Django's documented model API


def partition_faults() -> list[PartitionFault]:
    """Tell which partitioned tables would refuse or misplace rows of this month and the next; well: empty.

    One query of the catalogue, and one for each default partition (our migrations make none).
    """
    now = clock.now()
    needed = _months(now, months_later(now, NEEDED_MONTHS_AHEAD))
    faults = []
    with connection.cursor() as cursor:
        for table, held, default in _partitions(cursor):
            missing = tuple(month.date() for month in needed if _name(table, month) not in held)
            stray = default is not None and _holds_rows(cursor, default)
            if missing or stray:
                faults.append(PartitionFault(table, missing, stray))
    return faults


def _partitions(cursor: Any) -> list[tuple[str, list[str], str | None]]:
    """Give each partitioned table of a model with the names of its partitions and of its default one."""
    cursor.execute(
        "SELECT t.relname, coalesce(array_agg(c.relname::text) FILTER (WHERE c.relname IS NOT NULL), '{}'),"
        " max(c.relname::text) FILTER (WHERE c.oid = p.partdefid)"
        " FROM pg_partitioned_table p JOIN pg_class t ON t.oid = p.partrelid"
        " LEFT JOIN pg_inherits i ON i.inhparent = t.oid LEFT JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE t.relnamespace = current_schema()::regnamespace AND NOT t.relispartition"
        " GROUP BY t.relname ORDER BY t.relname"
    )
    ours = {model._meta.db_table for model in apps.get_models()}  # noqa: SLF001 - Django's documented model API
    return [row for row in cursor.fetchall() if row[0] in ours]


def _holds_rows(cursor: Any, table: str) -> bool:
    cursor.execute(sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(sql.Identifier(table)))
    return bool(cursor.fetchone()[0])


def months_later(moment: dt.datetime, months: int) -> dt.datetime:
    """Give the first instant (UTC) of the month that is `months` after that of `moment`."""
    month = moment.astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _later in range(months):
        month = _next_month(month)
    return month


def months_earlier(moment: dt.datetime, months: int) -> dt.datetime:
    """Give the first instant (UTC) of the month that is `months` before that of `moment`."""
    month = moment.astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _earlier in range(months):
        month = (month - dt.timedelta(days=1)).replace(day=1)
    return month


def limit_lock_wait(cursor: Any) -> None:
    """Let the current transaction wait for locks `LOCK_WAIT_S` at most, then fail with `OperationalError`."""
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LOCK_WAIT_S}s"])


def _exists(cursor: Any, name: str) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
    return bool(cursor.fetchone()[0])


def _name(table: str, month: dt.datetime) -> str:
    return f"{table}_{month:%Y_%m}"


def _months(first: dt.datetime, last: dt.datetime) -> list[dt.datetime]:
    month = first.astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months = []
    while month <= last:
        months.append(month)
        month = _next_month(month)
    return months


def _next_month(month: dt.datetime) -> dt.datetime:
    return (month + dt.timedelta(days=32)).replace(day=1)
