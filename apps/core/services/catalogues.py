"""Catalogues of translations: collected from code and templates, merged into `locale/`, compiled for running.

Babel does what GNU gettext would, so nothing has to be installed on the system.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Keywords = dict[str, tuple[int | tuple[int, str], ...] | None]

SOURCES = ("apps", "templates", "wfm")
KEYWORDS: Keywords = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
WIDTH = 110
Found = tuple[str, str | tuple[str, ...], str | None]


def collect(root: Path) -> Catalog:
    """Give all messages of the code and the templates under `root`, with the files they are in."""
    catalogue = Catalog(charset="utf-8")
    for path in _files(root):
        for name, message, context in _messages(path, root):
            catalogue.add(message, locations=[(name, 1)], context=context)
    return catalogue


def merge(root: Path, language: str) -> Path:
    """Write the messages of `root` into the language's catalogue: new ones empty, unused ones dropped."""
    path = catalogue_path(root, language)
    catalogue = read(path, language)
    collected = collect(root)
    collected.creation_date = catalogue.creation_date  # or every run would change the file
    catalogue.update(collected, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=WIDTH, include_lineno=False, sort_output=True)
    return path


def compile_all(root: Path) -> list[Path]:
    """Write a `.mo` beside each `.po` that is newer than it; give what was written."""
    written = []
    for source in sorted((root / "locale").glob("*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        catalogue = read(source, source.parents[1].name)
        buffer = io.BytesIO()
        write_mo(buffer, catalogue)
        scratch = target.with_suffix(".mo.new")
        scratch.write_bytes(buffer.getvalue())
        scratch.replace(target)
        written.append(target)
    return written


def read(path: Path, language: str) -> Catalog:
    """Read a catalogue; one that does not exist yet is empty."""
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def catalogue_path(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def _files(root: Path) -> Iterator[Path]:
    for source in SOURCES:
        for suffix in ("*.py", "*.html", "*.txt"):
            yield from sorted((root / source).rglob(suffix))


def _messages(path: Path, root: Path) -> Iterator[Found]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        text = _as_python(text, str(path))
    name = path.relative_to(root).as_posix()
    for _line, message, _comments, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
        yield name, message, context


def _as_python(text: str, name: str) -> str:
    """Turn a template into calls of gettext; what is around them has no meaning, so its indents go."""
    calls = templatize(text, origin=name)
    return "\n".join(line.strip() for line in calls.split("\n"))
