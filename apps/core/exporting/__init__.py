"""Any table as a file: typed cells, no live formulas, leading zeros kept (docs/exports.md)."""

from apps.core.exporting.csv_file import to_csv
from apps.core.exporting.tables import Column, Kind, Table, TooManyRowsError
from apps.core.exporting.workbook import to_xlsx

__all__ = ["Column", "Kind", "Table", "TooManyRowsError", "to_csv", "to_xlsx"]
