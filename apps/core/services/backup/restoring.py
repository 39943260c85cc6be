"""Restoring a backup: everything is checked before, and done and checked again in one transaction."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from typing import IO, TYPE_CHECKING, Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from apps.core.processes import die_with_parent
from apps.core.services.backup import facts
from apps.core.services.backup.archive import CHUNK, BackupError, read_manifest, verify_dump
from apps.core.services.backup.dumping import FORMAT, last_words, stop
from apps.core.services.backup.programs import environment, find_programs, server_major

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from apps.core.services.backup.programs import Programs

LOCK_WAIT_S = 10
# Newer programs set it also on servers that do not know it.
UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"
KNOWS_TRANSACTION_TIMEOUT = 17
PREAMBLE = 4096
READ = ("--no-owner", "--no-privileges", "--file=-")
DO = ("--no-psqlrc", "--quiet", "--no-password", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--file=-")
EMPTY_SCHEMA = """
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""


def restore(path: Path, *, replace: bool) -> dict[str, Any]:
    """Put the backup at `path` into the database and give its manifest.

    The database must be empty, or `replace` given, and nobody else connected. All happens in one transaction
    that commits only when every table and object is as the manifest says: interrupted at any moment, the
    database is as before. Raises `BackupError`.
    """
    manifest = read_manifest(path)
    major = server_major()
    _check_versions(manifest, major)
    verify_dump(path, manifest)
    _check_target(replace=replace)
    programs = find_programs(at_least=manifest["dump_major"])
    connection.close()
    _run(programs, path, _before(replace=replace), _after(manifest, major), major)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return manifest


def _check_versions(manifest: Mapping[str, Any], major: int) -> None:
    if manifest.get("format") != FORMAT:
        raise BackupError("The backup has a format that this version does not know: install a newer version.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    unknown = [name for name in manifest["migrations"] if name not in known]
    if unknown:
        raise BackupError(
            f"The backup was made by a newer version ({manifest['product_version']}): this one does not know "
            f"{', '.join(unknown[:3])}{' and more' if len(unknown) > 3 else ''}. Install that version first."  # noqa: PLR2004 - as many as shown
        )
    if manifest["server_major"] > major:
        raise BackupError(
            f"The backup comes from PostgreSQL {manifest['server_major']}, this server is {major}: "
            "restore into the same version or a newer one."
        )


def _check_target(*, replace: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), string_agg(DISTINCT coalesce(nullif(application_name, ''), 'unnamed'), ', ')"
            " FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        others, names = cursor.fetchone()
        tables = facts.user_tables(cursor)
    if others:
        raise BackupError(
            f"{others} other connections to the database are open ({names}): stop web, workers, beat and "
            "whatever else uses it, then try again."
        )
    foreign = [name for name in tables if not name.startswith("public.")]
    if foreign:
        raise BackupError(f"The database holds what is not ours ({foreign[0]}): choose another database.")
    if tables and not replace:
        raise BackupError(
            f"The database is not empty: it has {len(tables)} tables. Choose an empty one, "
            "or give --replace to lose everything that is in it."
        )


def _before(*, replace: bool) -> str:
    return f"BEGIN;\nSET LOCAL lock_timeout = '{LOCK_WAIT_S}s';\n" + (EMPTY_SCHEMA if replace else "")


def _after(manifest: Mapping[str, Any], major: int) -> str:
    """Give the statements that fail unless everything is as in the manifest; definitions if they compare."""
    checks = {f"table {name}": (facts.table_query(name), fact) for name, fact in manifest["tables"].items()}
    if manifest["server_major"] == major:
        checks |= {
            kind: (facts.object_query(kind), manifest["objects"][kind]) for kind in facts.object_kinds()
        }
    lines = [
        sql.SQL("SELECT set_config({}, {}, true);").format(name, value).as_string()
        for name, value in facts.SETTINGS.items()
    ]
    lines += [_check(name, query, expected) for name, (query, expected) in checks.items()]
    return "\n".join(["", *lines, "COMMIT;", ""])


def _check(name: str, query: str, expected: str) -> str:
    template = (
        "DO $check$ DECLARE found text; BEGIN found := ({query}); IF found <> {expected} THEN"
        " RAISE EXCEPTION 'restored % is not what was backed up: %, not %', {name}, found, {expected};"
        " END IF; END $check$;"
    )
    return sql.SQL(template).format(query=sql.SQL(query), expected=expected, name=name).as_string()


def _run(programs: Programs, path: Path, before: str, after: str, major: int) -> None:
    """Let psql do the script between `before` and `after`; without their COMMIT nothing has happened."""
    with tempfile.TemporaryFile() as reading_errors, tempfile.TemporaryFile() as doing_errors:
        read = _start(
            [programs.path("pg_restore"), *READ, str(path)], stdout=subprocess.PIPE, stderr=reading_errors
        )
        do = _start([programs.path("psql"), *DO], stdin=subprocess.PIPE, stderr=doing_errors)
        try:
            _feed(read, do, before, after, major)
        finally:
            stop(read)
            stop(do)
        if do.returncode != 0:
            raise BackupError(f"Nothing was restored: {last_words(doing_errors)}")
        if read.returncode != 0:
            raise BackupError(f"Nothing was restored: {last_words(reading_errors)}")


def _feed(
    read: subprocess.Popen[bytes], do: subprocess.Popen[bytes], before: str, after: str, major: int
) -> None:
    assert read.stdout is not None  # noqa: S101 - we asked for both pipes
    assert do.stdin is not None  # noqa: S101
    with read.stdout, contextlib.suppress(BrokenPipeError), do.stdin:
        do.stdin.write(before.encode())
        _copy(read.stdout, do.stdin, major)
        if read.wait() == 0:
            do.stdin.write(after.encode())
    do.wait()  # by itself: at the end of its input or, with the pipe broken, at an error that it tells


def _copy(source: IO[bytes], target: IO[bytes], major: int) -> None:
    head = source.read(PREAMBLE)
    if major < KNOWS_TRANSACTION_TIMEOUT:
        head = head.replace(UNKNOWN_BEFORE_17, b"", 1)
    target.write(head)
    while chunk := source.read(CHUNK):
        target.write(chunk)


def _start(command: list[str], **pipes: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own commands
        command,
        env=environment(),
        preexec_fn=die_with_parent(),  # noqa: PLW1509 - commands have one thread
        **{"stdin": subprocess.DEVNULL, **pipes},
    )
