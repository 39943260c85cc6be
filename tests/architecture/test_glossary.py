"""The glossary explains each word once, and names it in both languages."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

GLOSSARY = Path(__file__).parents[2] / "docs/glossary.md"


def rows() -> list[list[str]]:
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return cells[1:]


def test_each_word_is_explained_once() -> None:
    words = Counter(word.strip() for row in rows() for word in row[0].split(": ", 1)[0].split(","))
    assert [word for word, count in words.items() if count > 1] == []


def test_each_row_has_both_languages_and_a_meaning() -> None:
    assert [row for row in rows() if len(row) != 3 or not all(row)] == []
