"""No page and no script says a word that the catalogue cannot translate."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
NAMES = {
    "WFM",
    "WAPE",
    "MAPE",
    "MASE",
    "AHT",
    "UTC",
    "Русский",
    "English",
    "API",
    "Excel",
    "CSV",
    "JSON",
    "Enter",
}
"""Words that are the same in every language, and languages in their own."""
TRANSLATED = re.compile(
    r"{%\s*(blocktranslate|comment)\b.*?{%\s*end\1\s*%}"
    r"|{% block (?:coltype|bodyclass|region) %}.*?{% endblock %}",
    re.DOTALL,
)
"""What is translated, and blocks that hold classes and attributes."""
SILENT = re.compile(r"<(code|kbd|script|style)\b.*?</\1>|<!--.*?-->|{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
SPOKEN = re.compile(r'\b(?:aria-label|title|placeholder|alt|data-confirm)="([^"]*)"')
TAG = re.compile(r'<[^>]*>|[\w-]+="[^"]*"', re.DOTALL)
"""Tags, and the attributes that a part holds without their tag."""
WORD = re.compile(r"(?<![&\w-])[^\W\d_]{2,}(?![\w-]*;)")
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)
SENTENCE = re.compile(
    r"""["'`]\s*([A-ZА-ЯЁ][a-zа-яё]+ [a-zа-яё]+[^"'`]*|[^"'`]*[А-Яа-яЁё]{2,}[^"'`]*)["'`]"""
)


def _untranslated(page: str) -> list[str]:
    rest = SILENT.sub(" ", TRANSLATED.sub(" ", page))
    text = " ".join([TAG.sub(" ", rest), *SPOKEN.findall(rest)])
    return [word for word in WORD.findall(text) if word not in NAMES]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_pages_take_their_words_from_the_catalogue(path: Path) -> None:
    assert _untranslated(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(ROOT / "static").as_posix())
def test_scripts_take_their_words_from_the_page(path: Path) -> None:
    assert SENTENCE.findall(COMMENT.sub("", path.read_text(encoding="utf-8"))) == []


def test_what_is_left_out_is_found() -> None:
    page = (
        '<p title="Forgotten">{% translate "Kept" %} {{ x }} &nbsp; WFM</p><p>Left{# no #}</p><kbd>Tab</kbd>'
    )
    assert _untranslated(page) == ["Left", "Forgotten"]
    assert SENTENCE.findall('line.textContent = "Nothing came back";')
