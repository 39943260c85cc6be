"""Any file as lines of one table: CSV as it is, a sheet or JSON records written as such lines.

One line stands for one row, under the row's own number, so everything that reads lines serves every format.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SEPARATOR = ";"
_BLOCK_CHARS = 128 * 1024
_NEEDS_QUOTES = frozenset(';"\n\r')


@dataclass(slots=True)
class TextTable:
    """Blocks of whole lines and what is told about them.

    Attributes
    ----------
    kind
        `csv`, `xlsx` or `json`.
    first_line
        Number of the first line: 0 where the heading is not in the file itself.
    sheet, other_sheets
        The sheet that is read, and the visible ones that are not.
    letters
        Columns are called by letter too, as a spreadsheet does.
    stray
        Columns met outside the heading, named; grows while the blocks are read.
    fraction
        How much of the file was read, 0..1.

    """

    kind: str
    blocks: Iterator[bytes]
    fraction: Callable[[], float]
    first_line: int = 1
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()
    letters: bool = False
    stray: dict[str, None] = field(default_factory=dict)


def line_of(cells: Iterable[str]) -> str:
    """Write cells as a line, quoted where needed; a cell never breaks the line."""
    return SEPARATOR.join(map(quoted, cells))


def quoted(cell: str) -> str:
    """Write a cell, in quotes where needed, on one line."""
    if _NEEDS_QUOTES.isdisjoint(cell):
        return cell
    flat = cell.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
    return '"' + flat.replace('"', '""') + '"' if {SEPARATOR, '"'} & set(flat) else flat


def in_blocks(lines: Iterable[str]) -> Iterator[bytes]:
    """Gather lines into blocks; what no text may hold is replaced."""
    waiting: list[str] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line) + 1
        if size > _BLOCK_CHARS:
            yield _block(waiting)
            waiting, size = [], 0
    if waiting:
        yield _block(waiting)


def _block(lines: list[str]) -> bytes:
    text = "\n".join(lines) + "\n"
    return text.replace("\x00", "\ufffd").encode(errors="replace")


def too_wide(most: int) -> FileRefusedError:
    return FileRefusedError(Phrase(_("The table has more than %(most)d columns."), {"most": most}))


def text_of(line: bytes) -> str:
    """Read bytes as people in Russia write them: UTF-8, else Windows-1251."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1251", errors="replace")


def is_1251(line: bytes) -> bool:
    """Tell whether a line can only be Windows-1251: then all of its file is, also what could be UTF-8."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return True
    return False
