"""Each small fault is made for real where it can be, and its line is looked for."""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import subprocess
import sys
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING

import psycopg
import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from psycopg import sql
from redis import Redis

from apps.core import clock
from apps.core.doctor import Level, Line, examining, worst
from apps.core.doctor.examining import look
from apps.core.doctor.lines import examinations
from apps.core.doctor.redis_server import judge
from apps.core.doctor.software import _catalogues, _libraries, _static
from apps.core.metrics import announce, flush, mark, sharing, sources
from apps.core.models import DeliveryState, OutboxDelivery, OutboxEvent
from apps.core.services.partition_upkeep import keep_partitions
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from tests.conftest import REPOSITORY
from tests.core.databases import parameters, used

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_lives() -> Iterator[None]:
    link = Redis.from_url(django_settings.REDIS_URL)
    for key in link.scan_iter(f"{django_settings.REDIS_PREFIX}metrics:*"):
        link.delete(key)
    kind, facts = sharing.process.kind, sharing.process.facts
    sharing.process.marks.clear()
    yield
    sharing.process.kind, sharing.process.facts = kind, facts
    sources.forget()
    link.close()


def lines(name: str) -> Mapping[str, Line]:
    return {line.name: line for line in look(name, examinations[name])}


def levels(name: str) -> Mapping[str, Level]:
    return {found: line.level for found, line in lines(name).items()}


def lives(kind: str, **facts: Any) -> None:
    announce(kind, lambda: facts)
    assert flush()


@pytest.mark.parametrize("name", ["machine", "postgresql", "redis"])
def test_a_set_up_that_works_is_well(name: str) -> None:
    found = lines(name)
    assert worst(list(found.values())) == Level.OK, found
    assert all(line.figure for line in found.values())


def test_servers_that_are_away_are_told_as_a_program_can_read_it() -> None:
    nowhere = {"DATABASE_URL": "postgres://x@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json"],
        env={**os.environ, **nowhere, "DJANGO_SETTINGS_MODULE": "wfm.settings.dev"},
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
        timeout=120,
    )
    report = json.loads(done.stdout)
    assert (done.returncode, report["worst"]) == (2, "fail")
    faults = {row["name"]: row["advice"] for row in report["lines"] if row["level"] == "fail"}
    assert "DATABASE_URL" in faults["postgresql"]
    assert "REDIS_URL" in faults["redis"]
    assert {"python", "libraries", "machine.disk"} <= {row["name"] for row in report["lines"]}


def test_queues_that_nobody_serves_and_a_beat_that_is_silent() -> None:
    assert set(levels("background").values()) == {Level.FAIL}
    lives("worker", queues=["interactive", "bulk"], processes=2)
    mark("beat")
    assert flush()
    assert levels("background") == {
        "queue.interactive": Level.OK,
        "queue.optimise": Level.FAIL,
        "queue.integrate": Level.FAIL,
        "queue.operations": Level.FAIL,
        "queue.bulk": Level.OK,
        "beat": Level.OK,
    }
    assert "-Q optimise" in lines("background")["queue.optimise"].advice
    with time_machine.travel(clock.now() + dt.timedelta(minutes=2)):
        assert set(levels("background").values()) == {Level.FAIL}, "the last sign of life is old"


def test_connections_that_do_not_fit_and_a_web_process_without_a_pool() -> None:
    lives("web", pool_max=20)
    assert levels("postgresql")["postgresql.connections"] == Level.OK
    lives("web", pool_max=5000)
    assert levels("postgresql")["postgresql.connections"] == Level.FAIL
    lives("web")
    line = lines("postgresql")["postgresql.connections"]
    assert line.level == Level.WARN
    assert "DB_POOL_SIZE" in line.advice


def test_migrations_that_wait_and_a_database_newer_than_the_code() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('core', '9999_new', now())"
        )
        assert "newer than this code: core.9999_new" in lines("postgresql")["postgresql.migrations"].figure
        cursor.execute("DELETE FROM django_migrations WHERE app = 'audit'")
        line = lines("postgresql")["postgresql.migrations"]
    assert (line.level, line.figure) == (Level.FAIL, "1 not applied: audit.0001_entry")
    assert "migrate" in line.advice


def test_a_database_of_another_encoding_or_zone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'Europe/Moscow'")
    assert levels("postgresql")["postgresql.time_zone"] == Level.FAIL


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_not_in_utf8() -> None:
    name = sql.Identifier("wfm_doctor_ascii")
    with psycopg.connect(**{**parameters(), "dbname": "postgres"}, autocommit=True) as link:
        create = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'"
        link.execute(sql.SQL(create).format(name))
        try:
            with used("wfm_doctor_ascii"):
                assert levels("postgresql")["postgresql.encoding"] == Level.FAIL
        finally:
            link.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def test_a_clock_that_differs_from_those_of_the_servers() -> None:
    for seconds, level in ((0, Level.OK), (3, Level.WARN), (60, Level.FAIL)):
        with time_machine.travel(clock.now() + dt.timedelta(seconds=seconds)):
            assert levels("postgresql")["postgresql.clock"] == level
            assert levels("redis")["redis.clock"] == level


def test_a_redis_that_throws_messages_away() -> None:
    link = Redis.from_url(django_settings.REDIS_URL)
    before = link.config_get("maxmemory*")
    link.config_set("maxmemory", "512mb")
    link.config_set("maxmemory-policy", "allkeys-lru")
    try:
        line = lines("redis")["redis.memory"]
    finally:
        link.config_set("maxmemory", before["maxmemory"])
        link.config_set("maxmemory-policy", before["maxmemory-policy"])
        link.close()
    assert line.level == Level.WARN
    assert "noeviction" in line.advice


def test_an_old_or_small_redis() -> None:
    found = {line.name: line.level for line in judge({"redis_version": "6.0.16", "maxclients": 100})}
    assert found["redis.version"] == Level.FAIL
    assert found["redis.clients"] == Level.WARN
    assert {line.name: line.level for line in judge({"redis_version": "10.1.0"})}["redis.version"] == Level.OK


def test_few_files_and_a_folder_that_is_not_there(settings: SettingsWrapper, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (250, hard))
    try:
        assert levels("machine")["machine.open_files"] == Level.FAIL
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    settings.VAR_DIR = tmp_path / "gone"
    line = lines("machine")["machine.var_folder"]
    assert line.level == Level.FAIL
    assert "WFM_VAR" in line.advice


def test_little_space_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 100 << 20})
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)
    assert levels("machine")["machine.disk"] == Level.FAIL


def test_libraries_that_are_missing_or_of_another_version(tmp_path: Path) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text(
        "# why\ndjango==1.0  # the framework\nno-such-library==1.0\nonly-on-windows==1; os == 'nt'\n"
    )
    line = _libraries(pins)
    assert line.level == Level.FAIL
    assert "no-such-library is missing; django" in line.figure
    assert "windows" not in line.figure
    pins.write_text("uvicorn[standard]==0.0.1\n")
    assert _libraries(pins).level == Level.WARN


def test_translations_that_are_not_compiled(tmp_path: Path) -> None:
    folder = tmp_path / "locale/ru/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").touch()
    assert _catalogues(tmp_path).level == Level.WARN
    (folder / "django.mo").touch()
    assert _catalogues(tmp_path).level == Level.OK
    os.utime(folder / "django.mo", (1, 1))
    assert "ru" in _catalogues(tmp_path).figure


def test_static_files_that_are_not_collected(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    settings.STATIC_ROOT = tmp_path
    assert _static().level == Level.FAIL
    (tmp_path / "staticfiles.json").touch()
    assert _static().level == Level.OK
    os.utime(tmp_path / "staticfiles.json", (1, 1))
    assert _static().level == Level.WARN


def test_work_that_does_not_move() -> None:
    keep_partitions()
    assert set(levels("work").values()) == {Level.OK}
    now = clock.now()
    common = {"kind": "k", "title": {}, "queue": "bulk"}
    Job.objects.create(**common, created_at=now - dt.timedelta(hours=1))
    Job.objects.create(**common, state=JobState.RUNNING, heartbeat_at=now - dt.timedelta(minutes=5))
    event = OutboxEvent.objects.create(type="t", aggregate="a", aggregate_id="1")
    OutboxDelivery.objects.bulk_create(
        OutboxDelivery(event=event, receiver=str(number), state=DeliveryState.FAILED) for number in range(10)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE demand_intervalhistory_{now:%Y_%m}")
    assert levels("work") == {
        "jobs.stuck": Level.FAIL,
        "outbox": Level.FAIL,
        "jobs.waiting": Level.WARN,
        "partitions": Level.FAIL,
    }
    assert "demand_intervalhistory: 1" in lines("work")["partitions"].figure


def test_settings_are_judged_by_the_checks(settings: SettingsWrapper) -> None:
    assert levels("settings") == {"settings": Level.OK}
    settings.METRICS_ADDRESSES = ["monitor"]
    assert levels("settings") == {"settings.wfm.E003": Level.FAIL}


def test_an_examination_that_hangs_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "TIMEOUT_S", 0.05)

    def hangs() -> Iterator[Line]:
        threading.Event().wait(2)
        yield Line(Level.OK, "never", "told")

    found = examining._bounded("hanging", hangs)
    assert [(line.level, line.name) for line in found] == [(Level.FAIL, "hanging")]


def test_an_examination_that_breaks_is_a_line_of_its_own() -> None:
    def breaks() -> Iterator[Line]:
        yield Line(Level.OK, "never", version("no-such-package"))

    (line,) = look("software", breaks)
    assert (line.level, line.name) == (Level.FAIL, "software")
    assert "PackageNotFoundError" in line.figure
