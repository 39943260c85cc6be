"""Nothing writes shifts but storing a plan, the flag of publishing, and the editing service."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.test_sizes import PRODUCT, ROOT

WRITERS = {"apps/schedules/services/storing.py", "apps/schedules/services/editing/writing.py"}
FLAGGERS = {"apps/schedules/services/publishing.py": {"update"}}
WRITES = {
    "add",
    "aadd",
    "acreate",
    "adelete",
    "aupdate",
    "bulk_create",
    "bulk_update",
    "create",
    "delete",
    "get_or_create",
    "save",
    "set",
    "update",
    "update_or_create",
}
MODELS = {"Shift", "Activity"}
KNOWN_AS = {"shift", "shifts", "activity", "activities"}
TABLES = ("schedules_shift ", "schedules_shift\n", "schedules_activity")
MADE_WITH = "benchmarks/"


def _imported(tree: ast.AST) -> dict[str, str]:
    """Give the names under which a module knows the models of shifts and activities."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("apps.schedules.models")
        for alias in node.names
        if alias.name in MODELS
    }


def _roots(node: ast.AST) -> set[str]:
    """Give the names and attributes along `a.b.filter(...).c`, from the end to the start."""
    found: set[str] = set()
    current: ast.AST | None = node
    while current is not None:
        if isinstance(current, ast.Attribute):
            found.add(current.attr)
            current = current.value
        elif isinstance(current, ast.Call):
            current = current.func
        else:
            found |= {current.id} if isinstance(current, ast.Name) else set()
            current = None
    return found


def writes_in(source: str) -> set[str]:
    """Give how a module writes shifts or activities: methods, `new` for a row made, `sql` for a statement."""
    tree = ast.parse(source)
    names = _imported(tree)
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            found.add("new")
        is_write = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_write and node.func.attr in WRITES and _roots(node.func.value) & (names.keys() | KNOWN_AS):
            found.add(node.func.attr)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value.lower()
            verbs = ("insert into", "update ", "delete from", "truncate", "copy ")
            if any(f"{verb} {table}".replace("  ", " ") in text for verb in verbs for table in TABLES):
                found.add("sql")
    return found


def test_nothing_else_writes_shifts() -> None:
    for path in PRODUCT:
        place = Path(path).relative_to(ROOT).as_posix()
        if place in WRITERS or "/migrations/" in place or place.startswith(MADE_WITH):
            continue
        assert writes_in(path.read_text()) <= FLAGGERS.get(place, set()), place


def test_the_writers_are_found_by_this_very_search() -> None:
    for place in WRITERS | FLAGGERS.keys():
        assert writes_in((ROOT / place).read_text()), place


def test_ways_to_write_are_seen() -> None:
    head = "from apps.schedules.models import Shift as Row, Activity\n"
    for line in (
        "Row(start=1).save()",
        "Row.objects.filter(pk=1).update(start=2)",
        "variant.shifts.all().delete()",
        "shift.save()",
        "shift.activities.create(kind=1)",
        "cursor.execute('DELETE FROM schedules_activity WHERE true')",
    ):
        assert writes_in(head + line), line
    assert not writes_in(head + "Row.objects.filter(pk=1).first()")
