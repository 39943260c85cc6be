"""Backup and restore, between databases of the test's own on the server under test."""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil
import stat
import subprocess
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from apps.audit.models import AuditEntry
from apps.core.services.backup import BackupError, back_up, restore
from apps.core.services.backup.archive import append_manifest, read_manifest
from apps.core.services.backup.programs import environment, find_programs, server_major
from apps.core.services.backup.restoring import _copy
from apps.demand.models import IntervalHistory
from apps.schedules.models import Shift
from benchmarks.pages_data import make_month
from tests.conftest import child_process, wait_until
from tests.core.databases import database, parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TARGET = "wfm_backup_target"
LATE_ACTION = "test.after_the_backup"


@pytest.fixture(scope="module")
def source(django_db_blocker: Any) -> Iterator[str]:
    """Lead to a database with people, a published month, history in partitions and an audit."""
    with django_db_blocker.unblock(), database("wfm_backup_source") as name:
        call_command("migrate", verbosity=0)
        make_month("backup", people=6, month=dt.date(2027, 2, 1))
        AuditEntry.objects.create(action="тест", object_type="t", object_id="1", after={"ключ": "я\n\t\\'$$"})
        yield name


@pytest.fixture(scope="module")
def backup(source: str, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001 - what is backed up
    return back_up(tmp_path_factory.mktemp("backups"))


@pytest.fixture(scope="module")
def restored(backup: Path) -> Iterator[str]:
    """Lead to a database that holds the backup, and one row that no backup has."""
    with database(TARGET) as name:
        restore(backup, replace=False)
        AuditEntry.objects.create(action=LATE_ACTION, object_type="t", object_id="3")
        yield name


def has_late_row() -> bool:
    return AuditEntry.objects.filter(action=LATE_ACTION).exists()


def plain_dump() -> Counter[str]:
    """Give the lines of PostgreSQL's own text of the database; rows may come in another order.

    Without casts of text and brackets: it writes them in another way when it has read its own text once.
    """
    programs = find_programs(at_least=server_major())
    text = subprocess.run(
        [programs.path("pg_dump"), "--no-owner", "--no-privileges"],
        env=environment(), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    plain = re.sub(r"::(character varying|text)(\[\])?|[() ]|\\(un)?restrict .*", "", text)
    return Counter(plain.splitlines())


def rewritten(backup: Path, path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Copy a backup with another manifest that is whole in itself."""
    manifest = read_manifest(backup)
    path.write_bytes(backup.read_bytes()[: manifest["dump_bytes"]])
    change(manifest)
    append_manifest(path, manifest)
    return path


def programs_with(folder: Path, name: str, script: str) -> str:
    """Make a folder of client programs of which `name` is a script; REAL in it is the true program."""
    real = find_programs(at_least=server_major(), wanted=server_major())
    folder.mkdir()
    for program in ("pg_dump", "pg_restore", "psql"):
        lines = f'exec {real.path(program)} "$@"'
        if program == name:
            lines = f'[ "$1" = --version ] && exec {real.path(program)} --version\n' + script.replace(
                "REAL", real.path(program)
            )
        (folder / program).write_text(f"#!/bin/bash\n{lines}\n")
        (folder / program).chmod(0o755)
    return str(folder)


def test_what_is_restored_is_what_was_backed_up(backup: Path) -> None:
    before = plain_dump()
    with database("wfm_backup_second"):
        call_command("restore", str(backup))
        assert plain_dump() == before
        shift = Shift.objects.order_by("pk").first()
        assert shift is not None
        shift.pk = None
        with pytest.raises(IntegrityError, match="exclu"), transaction.atomic():
            shift.save(force_insert=True)
        newest = AuditEntry.objects.latest("pk").pk
        assert AuditEntry.objects.create(action="t", object_type="t", object_id="2").pk > newest
        assert IntervalHistory.objects.count() > 1000


def test_the_file_says_what_it_holds_and_is_private(backup: Path) -> None:
    manifest = read_manifest(backup)
    assert manifest["format"] == 1
    assert "audit.0001_entry" in manifest["migrations"]
    assert manifest["server_major"] == server_major()
    rows, _digest = manifest["tables"]["demand_intervalhistory"].split(":")
    assert int(rows) == IntervalHistory.objects.count()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    listed = subprocess.run(
        [find_programs(at_least=server_major()).path("pg_restore"), "--list", backup],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "demand_intervalhistory" in listed, "PostgreSQL's own tools read it as well"


def test_a_backup_that_fails_leaves_the_old_one(
    source: str, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = shutil.copy(backup, tmp_path / "kept.backup")
    script = 'for last; do :; done; echo half > "${last#--file=}"; echo disk full >&2; exit 1'
    monkeypatch.setenv("POSTGRES_BIN", programs_with(tmp_path / "bin", "pg_dump", script))
    with pytest.raises(CommandError, match="pg_dump failed: disk full"):
        call_command("backup", "--out", str(kept))
    assert Path(kept).read_bytes() == backup.read_bytes(), source
    assert {path.name for path in tmp_path.iterdir()} == {"kept.backup", "bin"}


def test_a_killed_backup_leaves_the_old_one_and_the_next_removes_its_rest(
    source: str, backup: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.backup"
    shutil.copy(backup, kept)
    script = 'for last; do :; done; echo half > "${last#--file=}"; sleep 60'
    programs = programs_with(tmp_path / "bin", "pg_dump", script)
    with child_process("manage.py", "backup", "--out", str(kept), POSTGRES_BIN=programs) as child:
        wait_until(lambda: [path for path in tmp_path.glob(".*.partial") if path.stat().st_size])
        child.kill()
        child.wait()
    assert kept.read_bytes() == backup.read_bytes(), source
    assert len(list(tmp_path.glob(".*.partial"))) == 1
    back_up(kept)
    assert not list(tmp_path.glob(".*.partial"))
    assert read_manifest(kept)["tables"] == read_manifest(backup)["tables"]


@pytest.mark.usefixtures("source")
def test_what_a_killed_backup_left_in_a_folder_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".wfm-20260101T000000Z.backup.77.partial").write_bytes(b"half")
    (tmp_path / ".other.partial").touch()
    made = back_up(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {made.name, ".other.partial"}


@pytest.mark.usefixtures("source")
def test_a_folder_that_is_missing_is_not_taken_for_a_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no folder .*/nightly: make it first.*ends in \.backup"):
        call_command("backup", "--out", str(tmp_path / "nightly"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("source")
def test_a_backup_holds_one_moment_while_others_write(tmp_path: Path) -> None:
    done = threading.Event()

    def write() -> None:
        with psycopg.connect(**parameters(), autocommit=True) as link:
            while not done.is_set():
                link.execute("INSERT INTO auth_group (name) VALUES (gen_random_uuid())")

    writer = threading.Thread(target=write)
    writer.start()
    path = back_up(tmp_path)
    done.set()
    writer.join()
    with database("wfm_backup_second"):
        assert restore(path, replace=False)["tables"]["auth_group"]


def test_missing_or_old_programs_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BackupError, match=r"PostgreSQL 99 or newer are needed.*postgresql-client-99"):
        find_programs(at_least=99)
    for name in ("pg_dump", "pg_restore", "psql"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 97.3'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("POSTGRES_BIN", str(tmp_path))
    assert find_programs(at_least=97).folder == tmp_path
    assert find_programs(at_least=15).major < 97, "the nearest one is taken"


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path, source: str) -> None:
    with pytest.raises(BackupError, match="does not exist"):
        back_up(tmp_path / source / "x.backup")


@pytest.mark.parametrize(("major", "kept"), [(15, False), (16, False), (17, True), (18, True)])
def test_what_older_servers_do_not_know_is_left_out(major: int, kept: bool) -> None:
    line, data = b"SET transaction_timeout = 0;\n", b"x" * 3_000_000
    written = io.BytesIO()
    _copy(io.BytesIO(b"SET lock_timeout = 0;\n" + line + data + line), written, major)
    assert written.getvalue() == b"SET lock_timeout = 0;\n" + (line if kept else b"") + data + line


@pytest.mark.usefixtures("restored")
def test_a_database_with_tables_is_not_replaced_unless_told_so(backup: Path) -> None:
    with pytest.raises(CommandError, match=r"not empty.*--replace"):
        call_command("restore", str(backup))
    assert has_late_row()


@pytest.mark.usefixtures("restored")
def test_others_who_are_connected_are_told_to_leave(backup: Path) -> None:
    with (
        psycopg.connect(**parameters(), application_name="some worker"),
        pytest.raises(BackupError, match=r"1 other connections.*some worker"),
    ):
        restore(backup, replace=True)
    assert has_late_row()


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda data: data[: len(data) // 2], "cut short"),
        (lambda data: data[:-1], "cut short"),
        (lambda _data: b"", "cut short"),
        (lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:], "dump does not match"),
        (lambda data: data[:-100] + bytes([data[-100] ^ 1]) + data[-99:], "manifest does not match"),
    ],
)
def test_a_damaged_file_is_refused(
    backup: Path, tmp_path: Path, spoil: Callable[[bytes], bytes], complaint: str
) -> None:
    damaged = tmp_path / "damaged.backup"
    damaged.write_bytes(spoil(backup.read_bytes()))
    with pytest.raises(BackupError, match=complaint):
        restore(damaged, replace=True)
    assert has_late_row()


@pytest.mark.usefixtures("restored")
def test_a_backup_of_a_newer_product_or_server_is_refused(backup: Path, tmp_path: Path) -> None:
    newer = rewritten(backup, tmp_path / "p", lambda it: it["migrations"].append("core.9999_of_tomorrow"))
    with pytest.raises(BackupError, match=r"newer version.*core\.9999_of_tomorrow"):
        restore(newer, replace=True)
    of_server = rewritten(backup, tmp_path / "s", lambda it: it.update(server_major=99))
    with pytest.raises(BackupError, match="PostgreSQL 99"):
        restore(of_server, replace=True)
    of_form = rewritten(backup, tmp_path / "f", lambda it: it.update(format=2))
    with pytest.raises(BackupError, match="format"):
        restore(of_form, replace=True)


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize(("part", "name"), [("tables", "organization_employee"), ("objects", "triggers")])
def test_a_restore_that_differs_from_the_manifest_is_taken_back(
    backup: Path, tmp_path: Path, part: str, name: str
) -> None:
    def lie(manifest: dict[str, Any]) -> None:
        manifest[part][name] += "0"

    with pytest.raises(BackupError, match=rf"Nothing was restored.*{name} is not what was backed up"):
        restore(rewritten(backup, tmp_path / "lie", lie), replace=True)
    assert has_late_row()


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("script", ['REAL "$@" | head -c 60000', 'REAL "$@" | head -c 150000; exit 1'])
def test_an_interrupted_restore_leaves_the_database_as_it_was(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setenv("POSTGRES_BIN", programs_with(tmp_path / "bin", "pg_restore", script))
    with pytest.raises(BackupError, match="Nothing was restored"):
        restore(backup, replace=True)
    assert has_late_row()


@pytest.mark.usefixtures("restored")
def test_a_database_is_replaced_when_told_so(backup: Path) -> None:
    call_command("restore", str(backup), "--replace")
    assert not has_late_row()
    again = back_up(backup.with_name("again.backup"))
    assert read_manifest(again)["tables"] == read_manifest(backup)["tables"]
    assert read_manifest(again)["objects"] == read_manifest(backup)["objects"]
