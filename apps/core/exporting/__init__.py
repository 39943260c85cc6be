"""Any table as a file: typed cells, no live formulas, leading zeros kept (docs/exports.md)."""

from apps.core.exporting.csv_file import to_csv
from apps.core.exporting.tables import MOST_ROWS, Column, Kind, Table, TooManyRowsError, too_many_rows
from apps.core.exporting.workbook import to_xlsx

__all__ = [
    "MOST_ROWS",
    "Column",
    "Kind",
    "Table",
    "TooManyRowsError",
    "to_csv",
    "to_xlsx",
    "too_many_rows",
]
