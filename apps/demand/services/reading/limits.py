"""How much a file may ask of us."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of one import; the defaults hold four years of five-minute intervals in 300 MB of memory."""

    file_bytes: int = 64 * 1024**2  # as uploaded
    text_bytes: int = 256 * 1024**2  # unpacked
    unpack_ratio: int = 200  # interval tables pack 5 to 60 times; bombs a thousand times
    line_bytes: int = 64 * 1024
    rows: int = 500_000
    errors_kept: int = 1_000
    block_bytes: int = 1024**2
    members: int = 1_000  # files inside a workbook
    strings_bytes: int = 48 * 1024**2  # of XML with the shared texts of a workbook
    strings: int = 1_000_000
    sheet_rows: int = 1_048_576  # as Excel itself
    columns: int = 256  # that are read of a sheet, of a record
    cells: int = 20_000_000  # of all sheets that are looked at, empty ones and rows counted too
    sheets: int = 32  # looked through for a table
    heading_within: int = 50  # rows of a sheet, records of JSON
    xml_depth: int = 64
    xml_names: int = 1_000  # different element and attribute names
    json_depth: int = 4  # around a record
    first_year: int = 1990
    contacts: int = 1_000_000  # in one interval
    seconds: int = 1_000_000  # of handle time of one contact


DEFAULT_LIMITS = Limits()
