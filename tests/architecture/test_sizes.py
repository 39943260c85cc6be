"""Small files, small functions: what docs/decisions/0002 asks of every module."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES = 400
TEST_FILE_LINES = 600
FUNCTION_LINES = 60


def modules(*folders: str) -> list[Path]:
    return sorted(
        path for folder in folders for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
    )


PRODUCT = modules("apps", "wfm", "benchmarks")
TESTS = modules("tests")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_a_module_is_short(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= FILE_LINES
    assert not [
        f"{function.name}: {length} lines"
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
    ]


@pytest.mark.parametrize("path", TESTS, ids=name)
def test_a_test_module_is_not_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= TEST_FILE_LINES
