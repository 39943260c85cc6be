"""Variables that cannot be meant: one line tells which, and what is allowed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ImproperlyConfigured
from environ import Env

from tests.conftest import REPOSITORY
from wfm.embedded import folders
from wfm.settings.reading import log_level, number, refuse_wrong_addresses

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("text", ["-1", "abc", "1.5", "²", "1e3", "1001", "9" * 5000])
def test_numbers_are_whole_and_within_their_limits(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("JOBS_KEPT_DAYS", text)
    with pytest.raises(ImproperlyConfigured, match=r"^JOBS_KEPT_DAYS is .*whole number from 0 to 1000\.$"):
        number(Env(), "JOBS_KEPT_DAYS", default=90, most=1_000)


@pytest.mark.parametrize(("text", "read"), [("", 90), ("0", 0), (" 7 ", 7), ("1000", 1_000)])
def test_numbers_are_read(monkeypatch: pytest.MonkeyPatch, text: str, read: int) -> None:
    monkeypatch.setenv("JOBS_KEPT_DAYS", text)
    assert number(Env(), "JOBS_KEPT_DAYS", default=90, most=1_000) == read


def test_a_level_of_the_log_is_one_of_five(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert log_level(Env(), default="INFO") == "DEBUG"
    monkeypatch.setenv("LOG_LEVEL", "NONSENSE")
    with pytest.raises(ImproperlyConfigured, match="LOG_LEVEL is 'NONSENSE': give one of DEBUG, INFO"):
        log_level(Env(), default="INFO")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DATABASE_URL", "sqlite:///x.db"),
        ("DATABASE_URL", "mysql://u:secret@db.example/x"),
        ("DATABASE_URL", "postgres://u:secret@db.example:port/x"),
        ("REDIS_URL", "foo"),
        ("REDIS_URL", "redis://:secret/x@redis.example/0"),
        ("REDIS_URL", "http://redis.example/0"),
    ],
)
def test_addresses_of_something_else_are_refused_without_their_password(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(ImproperlyConfigured, match=rf"^{name} .*give one that begins with") as refused:
        refuse_wrong_addresses(Env())
    assert "secret" not in str(refused.value)


def test_a_command_says_it_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=REPOSITORY,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "wfm.settings.dev", "HISTORY_KEPT_MONTHS": "-1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "ImproperlyConfigured: HISTORY_KEPT_MONTHS is '-1': give a whole number from 0 to 1200."
    ]


def test_a_folder_of_state_that_cannot_be_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("WFM_VAR", str(tmp_path / "file" / "var"))
    with pytest.raises(folders.BundledServerError, match=r"^WFM_VAR is .*Not a directory.*set WFM_VAR"):
        folders.var_folder()
    monkeypatch.setenv("WFM_VAR", str(tmp_path))
    monkeypatch.setattr(folders, "_writable", lambda _path: False)
    with pytest.raises(folders.BundledServerError, match="cannot be written"):
        folders.var_folder()
