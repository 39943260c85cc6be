"""Connections to other systems."""

from __future__ import annotations

from typing import Any

from apps.integrations.models import Connection
from tests.factories.sequence import next_number


def make_connection(**facts: Any) -> Connection:
    """Make a connection; unless told otherwise to a 1C that nobody answers for."""
    number = next_number()
    facts.setdefault("code", f"system-{number}")
    facts.setdefault("name", f"System {number}")
    facts.setdefault("system", "onec")
    facts.setdefault("base_url", "http://127.0.0.1:9")
    return Connection.objects.create(**facts)
