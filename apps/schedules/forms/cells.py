"""Cells of a grid in addresses and forms: `17:2027-02-03`, with a shift `17:2027-02-03:512`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.web.numbers import read_number
from apps.schedules.types.selection import CellAddress

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_CELLS = 200
PARTS = 2
SHOWN = 40
FIRST_YEAR, LAST_YEAR = 2000, 2200


def read_cells(text: str) -> tuple[CellAddress, ...]:
    """Read a list of cells. Raises `DomainError` for anything else, and for more than one edit may hold."""
    if not text:
        return ()
    items = text.split(",", MOST_CELLS)
    if len(items) > MOST_CELLS:
        raise DomainError(_("Select %(most)s cells at most.") % {"most": MOST_CELLS})
    return tuple(dict.fromkeys(_cell(item) for item in items))


def read_pairs(cells: str, sources: str) -> tuple[tuple[CellAddress, ...], tuple[CellAddress, ...]]:
    """Read the cells of a paste and, for each of them, the one that is copied."""
    targets = tuple(_cell(item) for item in cells.split(",", MOST_CELLS)[:MOST_CELLS] if item)
    copied = tuple(_cell(item) for item in sources.split(",", MOST_CELLS)[:MOST_CELLS] if item)
    if not targets or len(targets) != len(copied):
        raise DomainError(_("Copy some cells first, then choose where they go."))
    return targets, copied


def read_seen(text: str) -> Mapping[int, int]:
    """Read which revision of each shift the person has seen: `512:0,513:77`."""
    seen = {}
    for item in text.split(",")[: 2 * MOST_CELLS]:
        shift, _colon, revision = item.partition(":")
        if item:
            seen[read_number(shift)] = read_number(revision)
    return seen


def write_seen(pairs: Mapping[int, int]) -> str:
    return ",".join(f"{shift}:{revision}" for shift, revision in pairs.items())


def _cell(text: str) -> CellAddress:
    person, _colon, rest = text.partition(":")
    day, _colon, shift = rest.partition(":")
    try:
        date = dt.date.fromisoformat(day)
    except ValueError as error:
        raise DomainError(_("%(text)s is not a cell of the schedule.") % {"text": text[:SHOWN]}) from error
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise DomainError(_("%(text)s is not a cell of the schedule.") % {"text": text[:SHOWN]})
    return CellAddress(read_number(person), date, read_number(shift) if shift else None)
