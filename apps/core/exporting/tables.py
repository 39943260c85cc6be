"""What a table is, whatever file it becomes: columns with a heading and a kind, and rows read once."""

from __future__ import annotations

import math
import re
from collections.abc import Generator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.core.errors import DomainError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Sequence

MOST_ROWS = 1_000_000
"""A sheet of Excel has 1 048 576 rows, some of them taken by what stands above the table."""
_HOUR_S = 3600
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_NAME_CHARS = 120


class Kind(StrEnum):
    """What the cells of a column are; `HOURS` and `SECONDS` take seconds, `MOMENT` aware datetimes."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    SHARE = "share"
    HOURS = "hours"
    SECONDS = "seconds"
    DATE = "date"
    MOMENT = "moment"
    FLAG = "flag"
    MIXED = "mixed"


FIGURES = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.SHARE, Kind.HOURS, Kind.SECONDS})
_DIGITS = {Kind.NUMBER: 2, Kind.SHARE: 1, Kind.HOURS: 1}
_WIDTHS = {Kind.TEXT: 24, Kind.MOMENT: 18, Kind.MIXED: 12}


class TooManyRowsError(DomainError):
    """The table has more rows than one file may hold."""

    code = "too_many_rows"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, how a row gives its cell (None: nothing), its kind, its width in characters."""

    heading: str
    value: Callable[[Any], Any]
    kind: Kind = Kind.TEXT
    width: int = 0
    digits: int | None = None

    @property
    def decimals(self) -> int:
        return _DIGITS.get(self.kind, 0) if self.digits is None else self.digits

    @property
    def chars(self) -> int:
        return self.width or _WIDTHS.get(self.kind, 12)


@dataclass(slots=True)
class Table:
    """A table on its way to a file.

    Attributes
    ----------
    name
        What it is called, in the reader's language: the sheet, and the file unless `file_name` says more.
    columns, rows
        Rows are any objects, read once and lazily; more than `most_rows` are refused.
    zone
        Zone of the moments; stands in their headings.
    about
        What the table is of, as label and value; stands above it in a workbook.
    foot
        Rows of totals below the table.
    rows_given
        How many rows were read so far.

    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Any]
    zone: str = "UTC"
    file_name: str = ""
    about: Sequence[tuple[str, str]] = ()
    foot: Sequence[Any] = ()
    most_rows: int = MOST_ROWS
    _zone: ZoneInfo = field(init=False)
    rows_given: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._zone = ZoneInfo(self.zone)

    @property
    def file_stem(self) -> str:
        """The name of the file without its ending; what no file system takes is left out."""
        return _NOT_IN_NAMES.sub(" ", self.file_name or self.name).strip(" .")[:_NAME_CHARS]

    def headings(self) -> list[str]:
        return [
            f"{column.heading}, {self.zone}" if column.kind == Kind.MOMENT else str(column.heading)
            for column in self.columns
        ]

    def counted_rows(self) -> Iterator[Any]:
        """Yield the rows, and refuse the one too many with a word on what to do."""
        rows = iter(self.rows)
        try:
            for count, row in enumerate(rows):
                if count >= self.most_rows:
                    raise too_many_rows(self.most_rows)
                self.rows_given = count + 1
                yield row
        finally:
            if isinstance(rows, Generator):
                rows.close()  # a cursor on the server ends with its transaction, not when memory is tidied

    def local(self, moment: dt.datetime) -> dt.datetime | str:
        """Give the wall clock of the table's zone, as text with its offset in an hour that a change repeats.

        Such an hour stands twice on the clock: only the offset tells which one is meant.
        """
        local = moment.astimezone(self._zone)
        if local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset():
            return local.isoformat(timespec="seconds")
        return local.replace(tzinfo=None)


def too_many_rows(most: int) -> TooManyRowsError:
    return TooManyRowsError(
        _("The table has more than %(most)s rows; choose fewer days or set a filter.") % {"most": most}
    )


def is_figure(column: Column, value: Any) -> bool:
    """Tell whether a cell is a number; in a column of mixed values, yes and no are words."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return column.kind in FIGURES or (column.kind == Kind.MIXED and is_number)


def figure(column: Column, value: Any) -> float | None:
    """Give the number to write, in the unit of the column's kind; None for what is not known."""
    if value is None or not math.isfinite(value):
        return None
    number = float(value) / _HOUR_S if column.kind == Kind.HOURS else value
    return int(number) if column.kind == Kind.INTEGER else float(number)


def words(value: Any) -> str:
    """Write a value as text: yes and no in the reader's language."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
