"""Which column is what: separator, header and the names under which systems export an interval table."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.text_table import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

START, OFFERED, AHT, STEP = "start", "offered", "aht_s", "step_minutes"
_NAMES = {
    START: "start interval_start datetime date_time date timestamp time interval начало начало_интервала"
    " дата дата_время дата_и_время датавремя интервал время",
    OFFERED: "offered calls contacts received offered_contacts calls_offered contacts_offered received_calls "
    "контакты вызовы звонки обращения поступило количество_контактов поступившие поступившие_контакты"
    " поступившие_обращения",
    AHT: "aht aht_s aht_sec aht_seconds aht_c aht_с avg_handle_time среднее_время_обработки "
    "среднее_время_обработки_с аот аот_с ср_время_обработки",
    "handled": "handled answered treated treated_calls handled_calls calls_handled обработано принято "
    "отвечено обработанные обработанные_контакты принятые",
    "abandoned": "abandoned lost missed miss_calls abandoned_calls потеряно пропущено потерянные пропущенные",
    "handle_s": "handle_s handle_time handle_time_s handle_seconds время_обработки время_обработки_с",
    "wrap_s": "wrap_s wrap acw acw_s wrap_up wrap_up_s post_processing поствызов поствызывная_обработка "
    "поствызывная_обработка_с",
    "answered_in_target": "answered_in_target answered_in_sl in_sl within_sl в_пределах_sl "
    "отвечено_в_пределах_sl answered_within_sl answered_within_the_target",
    STEP: "step_minutes step_min interval_min шаг_мин интервал_мин",
}
COLUMN_OF = {name: column for column, names in _NAMES.items() for name in names.split()}
POSITIONAL = (START, OFFERED, AHT)
_FEWEST_COLUMNS = 2
_ZONED = re.compile(r"(?P<name>.*\S)\s*[,(]\s*(?P<zone>[A-Z][\w+-]*(?:/[\w+-]+){0,2})\s*\)?\s*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What table is looked for in a workbook or among JSON records.

    Attributes
    ----------
    column_of
        Gives the column that a heading names, if any.
    needed, any_of
        Columns without which it is no such table; of `any_of`, where it is not empty, one is enough.
    moments
        Columns in which a workbook's numbers are days.
    positional, is_row
        Columns of a table without a heading, and what tells its first row; such tables are not known
        where `is_row` is None.

    """

    column_of: Callable[[str], str | None]
    needed: tuple[str, ...]
    moments: frozenset[str]
    positional: tuple[str, ...] = ()
    is_row: Callable[[Sequence[str | float | None]], bool] | None = None
    any_of: tuple[str, ...] = ()

    def columns(self, names: Sequence[str]) -> set[str]:
        """Give the columns that a row of names knows."""
        return {column for name in names if (column := self.column_of(name)) is not None}

    def missing(self, names: Sequence[str]) -> list[str]:
        """Give what a row of names lacks to be the heading of such a table."""
        known = self.columns(names)
        missing = [name for name in self.needed if name not in known]
        if self.any_of and not known & set(self.any_of):
            missing.append(" / ".join(self.any_of))
        return missing


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each known column stands; `unknown` ones (name or number) are reported, never taken silently.

    `zone` is the zone of the times where the heading names one ("Interval start, Europe/Moscow"), else empty.
    """

    separator: str
    width: int
    positions: dict[str, int]
    labels: dict[str, str]
    unknown: tuple[str, ...]
    has_header: bool
    zone: str = ""


def detect_layout(first_line: bytes) -> Layout:
    """Read separator and columns off the first line that is not blank.

    Without a header the columns are, as Argus has them: interval start, contacts, AHT in seconds.
    """
    text = text_of(first_line).strip("\r\n").replace("\r", " ")
    separator = next((mark for mark in ";\t," if mark in text), None)
    if separator is None:
        raise FileRefusedError(
            Phrase(
                _("The first line has one column; start and contacts are needed, separated by ; , or tab.")
            )
        )
    cells = [cell.strip() for cell in next(csv.reader([text], delimiter=separator))]
    known = [column_of(cell) for cell in cells]
    if any(known):
        return _with_header(separator, cells, known)
    if not text.lstrip(" \"'")[:1].isdigit():
        raise FileRefusedError(
            Phrase(
                _("The first line is neither data nor a header with known columns: %(cells)s."),
                {"cells": _shown(cells)},
            )
        )
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) < _FEWEST_COLUMNS:
        raise FileRefusedError(Phrase(_("The first line has no column of contacts.")))
    named = dict(zip(POSITIONAL, range(len(cells)), strict=False))
    extra = tuple(f"#{index + 1}" for index in range(len(named), len(cells)))
    width = text.count(separator) + 1
    return Layout(separator, width, named, {name: name for name in named}, extra, has_header=False)


def _with_header(separator: str, cells: list[str], known: list[str | None]) -> Layout:
    positions: dict[str, int] = {}
    for index, column in enumerate(known):
        if column is None:
            continue
        if column in positions:
            raise FileRefusedError(
                Phrase(
                    _("Columns “%(one)s” and “%(two)s” mean the same."),
                    {"one": cells[positions[column]][:60], "two": cells[index][:60]},
                )
            )
        positions[column] = index
    missing = [name for name in (START, OFFERED) if name not in positions]
    if missing:
        raise FileRefusedError(
            Phrase(
                _("The header has no column for: %(missing)s. It has: %(cells)s."),
                {"missing": ", ".join(missing), "cells": _shown(cells)},
            )
        )
    labels = {column: cells[index] for column, index in positions.items()}
    unknown = tuple(cell for cell, column in zip(cells, known, strict=True) if cell and column is None)
    zone = _name_and_zone(labels[START])[1]
    return Layout(separator, len(cells), positions, labels, unknown, has_header=True, zone=zone)


def with_letters(layout: Layout) -> Layout:
    """Call columns by letter and heading, as people see them in a sheet: `B: Contacts`."""
    labels = {
        name: f"{column_letters(layout.positions[name])}: {label}" for name, label in layout.labels.items()
    }
    return replace(layout, labels=labels)


def column_letters(column: int) -> str:
    """Give the name by which a spreadsheet calls a column, from 0: A, B, …, Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_of(heading: str) -> str | None:
    """Give the column that a heading names, if any; a zone may follow its name."""
    return COLUMN_OF.get(_plain(_name_and_zone(heading)[0]))


def _name_and_zone(heading: str) -> tuple[str, str]:
    found = _ZONED.fullmatch(heading)
    if found is None:
        return heading, ""
    try:
        return found["name"], ZoneInfo(found["zone"]).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return heading, ""


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.lower()).strip("_")


def _shown(cells: list[str]) -> str:
    return ", ".join(repr(cell[:40]) for cell in cells[:8])
