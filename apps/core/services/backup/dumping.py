"""Making a backup: one snapshot of the database, dumped and described, while everybody works on."""

from __future__ import annotations

import subprocess
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from apps.core import clock
from apps.core.code_version import code_version
from apps.core.processes import die_with_parent
from apps.core.services.backup.archive import SUFFIX, BackupError, append_manifest, replaced_when_whole
from apps.core.services.backup.facts import gather
from apps.core.services.backup.programs import environment, find_programs, server_major

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from apps.core.services.backup.programs import Programs

FORMAT = 1
LOCK_WAIT_S = 60
STOP_WAIT_S = 10


def back_up(out: Path) -> Path:
    """Write a backup of the whole database to the file `out` or into the folder `out`; give its path.

    A name of a file ends in `.backup`, so that a folder that is not there is not taken for one. Other
    processes may read and write meanwhile: the backup holds the state of one moment. Raises `BackupError`;
    what was at the path before is then untouched.
    """
    major = server_major()
    programs = find_programs(at_least=major, wanted=major)
    path = out / f"wfm-{clock.now():%Y%m%dT%H%M%SZ}{SUFFIX}" if out.is_dir() else out
    if path.suffix != SUFFIX:
        raise BackupError(
            f"There is no folder {out}: make it first, or give the name of a file that ends in {SUFFIX}."
        )
    if not path.parent.is_dir():
        raise BackupError(f"The folder {path.parent} does not exist.")
    try:
        with replaced_when_whole(path) as partial:
            append_manifest(partial, _dump(partial, programs, major))
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}.") from error
    return path


@transaction.atomic
def _dump(partial: Path, programs: Programs, major: int) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
    made_at = clock.now().isoformat()
    migrations = sorted(MigrationRecorder(connection).applied_migrations())
    with _pg_dump(programs, partial, snapshot):
        facts = gather()
    return {
        "format": FORMAT,
        "made_at": made_at,
        "product_version": code_version(),
        "server_major": major,
        "dump_major": programs.major,
        "migrations": [f"{app}.{name}" for app, name in migrations],
        **facts,
    }


@contextmanager
def _pg_dump(programs: Programs, partial: Path, snapshot: str) -> Iterator[None]:
    """Dump while the block runs; the block's end waits for it."""
    command = [
        programs.path("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", "--no-password",
        f"--lock-wait-timeout={LOCK_WAIT_S}s", f"--snapshot={snapshot}", f"--file={partial}",
    ]  # fmt: skip
    with tempfile.TemporaryFile() as complaints:
        dump = subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdin=subprocess.DEVNULL,
            stderr=complaints,
            env=environment(),
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - commands have one thread
        )
        try:
            yield
            dump.wait()
        finally:
            stop(dump)
        if dump.returncode != 0:
            raise BackupError(f"pg_dump failed: {last_words(complaints)}")


def stop(program: subprocess.Popen[bytes]) -> None:
    """End a program that still runs."""
    if program.poll() is None:
        program.terminate()
        try:
            program.wait(STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


def last_words(complaints: Any) -> str:
    """Give the end of what a program wrote to standard error."""
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    return " ".join(lines[-3:]) or "it said nothing"
