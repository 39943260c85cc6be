"""Tables partitioned by month of their `start`: how a migration makes one, and how its months come and go."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.migrations.operations import CreateModel
from psycopg import sql

if TYPE_CHECKING:
    from django.db.models import Model

DROP_WAIT_S = 5


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
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{DROP_WAIT_S}s"])
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = to_regclass(%s) ORDER BY c.relname",
            [table],
        )
        for (name,) in cursor.fetchall():
            month = dt.datetime.strptime(name.removeprefix(f"{table}_"), "%Y_%m").replace(tzinfo=dt.UTC)
            if _next_month(month) <= before:
                cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
                dropped.append(name)
    return dropped


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
