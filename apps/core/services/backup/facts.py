"""What a database holds, told so that two databases can be held against each other.

Each fact is one query that gives one text, so the same query makes the manifest and, inside the transaction
of a restore, checks it. A table's fact is its number of rows and the sum of a hash of each row (order does
not matter); a kind of object's is their number and the SHA-256 of all definitions.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from psycopg import sql

# A row's text depends on these; psql and Django would otherwise say the same row in two ways.
SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "search_path": "pg_catalog",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}
_DEFINITIONS = {
    "columns": (
        "SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
        " a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')"
        " AND a.attnum > 0 AND NOT attisdropped"
    ),
    # Without NOT NULL, which is a constraint only from PostgreSQL 18 on, and copies in partitions.
    "constraints": (
        "SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND conparentid = 0"
    ),
    "indexes": (
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid"
        " WHERE c.relnamespace = 'public'::regnamespace"
    ),
    "triggers": (
        "SELECT concat_ws(' ', tgenabled, pg_get_triggerdef(t.oid)) FROM pg_trigger t"
        " JOIN pg_class c ON c.oid = tgrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND NOT tgisinternal AND tgparentid = 0"
    ),
    "functions": (
        "SELECT pg_get_functiondef(oid) FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')"
    ),
    "views": (
        "SELECT concat_ws(' ', relname, pg_get_viewdef(oid)) FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')"
    ),
    "partitions": (
        "SELECT concat_ws(' ', relname, pg_get_expr(relpartbound, oid)) FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relispartition AND relkind = 'r'"
    ),
    # Without their values, which belong to no snapshot: the dump's are never behind its rows.
    "sequences": (
        "SELECT concat_ws(' ', sequencename, start_value, increment_by) FROM pg_sequences"
        " WHERE schemaname = 'public'"
    ),
}


def object_query(kind: str) -> str:
    """Give the query of the fact about objects of `kind`: "<number>:<SHA-256>".

    Without casts of text and brackets: PostgreSQL writes a cast of a list as casts of its members when it
    has read its own text once.
    """
    template = (
        "SELECT count(*) || ':' || encode(sha256(convert_to(coalesce(string_agg(plain, chr(10)"
        " ORDER BY plain COLLATE \"C\"), ''), 'UTF8')), 'hex')"
        " FROM ({}) AS definitions (definition), translate(regexp_replace("
        "definition, '::(character varying|text)(\\[\\])?', '', 'g'), '() ', '') AS plain"
    )
    return template.format(_DEFINITIONS[kind])


def table_query(table: str) -> str:
    """Give the query of the fact about a table with all its partitions: "<rows>:<sum of hashes>"."""
    return (
        sql.SQL(
            "SELECT count(*) || ':' || coalesce(sum(('x' || encode(substring(sha256(convert_to("
            "backup_row::text, 'UTF8')) FROM 1 FOR 8), 'hex'))::bit(64)::bigint::numeric), 0)"
            " FROM {} AS backup_row"
        )
        .format(sql.Identifier("public", table))
        .as_string()
    )


def object_kinds() -> list[str]:
    return list(_DEFINITIONS)


def user_tables(cursor: Any) -> list[str]:
    """Give "schema.table" of every table that is not the server's own; partitions go with their parent."""
    cursor.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_'"
        " AND n.nspname <> 'information_schema' ORDER BY 1, 2"
    )
    return [f"{schema}.{table}" for schema, table in cursor.fetchall()]


def fix_texts(cursor: Any) -> None:
    """Set, for the current transaction, what a row's text depends on."""
    for name, value in SETTINGS.items():
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def gather() -> dict[str, dict[str, str]]:
    """Give {"tables": {name: fact}, "objects": {kind: fact}} as the current transaction sees the database."""
    with connection.cursor() as cursor:
        fix_texts(cursor)
        tables = [name.removeprefix("public.") for name in user_tables(cursor) if name.startswith("public.")]
        return {
            "tables": {table: _ask(cursor, table_query(table)) for table in tables},
            "objects": {kind: _ask(cursor, object_query(kind)) for kind in object_kinds()},
        }


def _ask(cursor: Any, query: str) -> str:
    cursor.execute(query)
    return str(cursor.fetchone()[0])
