"""I1: one Idempotency-Key fifty times at once, and again with another body."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx

from apps.accounts.services.api_keys import issue_key
from apps.organization.models import Skill
from benchmarks.faults.rows import Row

if TYPE_CHECKING:
    from benchmarks.faults.plant import Plant
    from benchmarks.faults.rows import Size

AT_ONCE = 50
MADE, OTHER_BODY = 201, 422


def at_once(plant: Plant, _size: Size) -> Row:
    """Ask the site over HTTP; each asker has a connection of its own."""
    row = Row("I1", "one Idempotency-Key fifty times at once")
    site = plant.web()
    key = issue_key(name=f"faults-{uuid.uuid4()}", scopes=["people:write"], actor=None)
    repeat, code = str(uuid.uuid4()), f"skill-{uuid.uuid4().hex[:8]}"

    def ask(name: str) -> httpx.Response:
        headers = {"X-API-Key": key.secret, "Idempotency-Key": repeat}
        body = {"code": code, "name": name}
        return httpx.post(f"{site}/api/v1/skills/", json=body, headers=headers, timeout=60, trust_env=False)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, ["Once"] * AT_ONCE))
    statuses = Counter(answer.status_code for answer in answers)
    bodies = {answer.text for answer in answers if answer.status_code == MADE}
    row.checks = {
        "one effect": Skill.objects.filter(code=code).count() == 1,
        f"the rest replayed (were {dict(statuses)})": statuses == {MADE: AT_ONCE} and len(bodies) == 1,
        "another body is refused with 422": ask("Twice").status_code == OTHER_BODY,
    }
    row.figures = {"statuses": dict(statuses)}
    return row
