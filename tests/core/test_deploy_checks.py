from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from apps.core.checks import check_deployment, check_ground
from tests.conftest import REPOSITORY, child_process

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

SAFE = {
    "DJANGO_SETTINGS_MODULE": "wfm.settings.prod",
    "SECRET_KEY": "u3Jt1-Yx9_qW7zR4vB8nK2mP6sD0fG5hL-aC1eX3oT9iU7wQ4rV",
    "FIELD_KEYS": "2026:" + "A" * 43 + "=",
    "ALLOWED_HOSTS": "wfm.example",
    "DATABASE_URL": "postgres://wfm:secret@db.example:5432/wfm?sslmode=verify-full",
    "REDIS_URL": "rediss://:secret@redis.example:6379/0",
}


def check(**environment: str) -> tuple[int, str]:
    """Run `manage.py check --deploy` as a deployment would; nothing is connected to."""
    command = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    with child_process(*command, stderr=subprocess.PIPE, **{**SAFE, **environment}) as child:
        said = child.communicate(timeout=120)[1].decode()
    return child.returncode, said


def test_production_as_documented_has_no_complaints() -> None:
    code, said = check()
    assert (code, "WARNING" in said) == (0, False), said


def test_a_dangerous_production_is_told_each_danger() -> None:
    code, said = check(
        SECRET_KEY="short",  # noqa: S106 - it is what must be refused
        FIELD_KEYS="",
        ALLOWED_HOSTS="*",
        DATABASE_URL="postgres://wfm:secret@db.example:5432/wfm",
        REDIS_URL="redis://redis.example:6379/0",
        METRICS_TOKEN="12345",  # noqa: S106 - it is what must be refused
        METRICS_ADDRESSES="0.0.0.0/0",
        SECURE_SSL_REDIRECT="0",
        SECURE_HSTS_SECONDS="0",
        LOG_LEVEL="DEBUG",
        SILENCED_CHECKS="wfm.W003",
    )
    assert code == 1
    for number in ("E011", "W001", "W002", "W004", "W005", "W006", "W007"):
        assert f"(wfm.{number})" in said
    for number in ("W004", "W008", "W009"):
        assert f"(security.{number})" in said
    assert "wfm.W003" not in said, "it is silenced"
    assert "secret@" not in said
    assert "12345" not in said


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("TIME_ZONE", "Europe/Moscow", "wfm.E001"),
        ("USE_TZ", False, "wfm.E001"),
        ("HISTORY_KEPT_MONTHS", -1, "wfm.E002"),
        ("METRICS_ADDRESSES", ["10.0.0.0/8", "monitor"], "wfm.E003"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_cannot_work_is_an_error_anywhere(
    settings: SettingsWrapper, name: str, value: Any, number: str
) -> None:
    assert check_ground() == []
    setattr(settings, name, value)
    messages = check_ground()
    assert [message.id for message in messages] == [number]
    assert messages[0].hint


def test_loose_policies_for_scripts_are_told(settings: SettingsWrapper) -> None:
    directives = {"default-src": ["'self'"], "script-src": ["'self'", "'unsafe-inline'"]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
    assert "wfm.W008" in [message.id for message in check_deployment()]


def test_the_documentation_names_every_check() -> None:
    told = set(re.findall(r"wfm\.[EWI]\d{3}", (REPOSITORY / "apps/core/checks.py").read_text()))
    documented = set(re.findall(r"`(wfm\.[EWI]\d{3})`", (REPOSITORY / "docs/operations.md").read_text()))
    assert told - {"wfm.I001"} == documented


def test_production_answers_balancers_without_tls_and_sends_everybody_else_to_it() -> None:
    script = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "plain = Client(headers={'Host': 'wfm.example'})\n"
        "assert plain.get('/health/live').status_code == 200\n"
        "for path in ('/metrics', '/', '/healthy'):\n"
        "    assert plain.get(path).status_code == 301, path\n"
        "assert plain.get('/metrics', secure=True).status_code == 403\n"
    )
    with child_process("-c", script, stderr=subprocess.PIPE, **SAFE) as child:
        said = child.communicate(timeout=120)[1].decode()
    assert child.returncode == 0, said
