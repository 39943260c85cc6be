"""The file by which vacations reach 1C; its headings are 1C's, whatever language the reader has."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from apps.core.exporting import Column, Kind, Table

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from apps.integrations.selectors.vacations import Vacation


def vacation_table(vacations: Sequence[Vacation], first: dt.date, last: dt.date) -> Table:
    """Give the table: full name, type, first and last day."""
    return Table(
        name="Отпуска",
        file_name=f"Отпуска {first:%Y-%m-%d} {last:%Y-%m-%d}",
        columns=[
            Column("ФИО", attrgetter("name"), width=40),
            Column("Вид отпуска", attrgetter("kind"), width=16),
            Column("Дата начала", attrgetter("first"), Kind.DATE, width=14),
            Column("Дата окончания", attrgetter("last"), Kind.DATE, width=16),
        ],
        rows=vacations,
    )
