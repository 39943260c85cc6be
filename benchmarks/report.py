"""How every benchmark shows its figures: a table for people, JSON for machines."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def print_table(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows under the keys of the first one; numbers to the right, with four significant digits."""
    print(f"\n{title}")
    if not rows:
        print("  (nothing)")
        return
    columns = list(rows[0])
    cells = [[_text(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(column), *(len(line[at]) for line in cells)) for at, column in enumerate(columns)]
    print("  " + "  ".join(column.ljust(width) for column, width in zip(columns, widths, strict=True)))
    for row, line in zip(rows, cells, strict=True):
        parts = [
            text.rjust(width) if isinstance(row.get(column), int | float) else text.ljust(width)
            for column, text, width in zip(columns, line, widths, strict=True)
        ]
        print("  " + "  ".join(parts))


def write_json(path: Path | None, payload: Mapping[str, Any]) -> None:
    """Write the figures to `path`; do nothing when None."""
    if path is not None:
        text = json.dumps(_known(payload), indent=2, ensure_ascii=False, default=str, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")


def _known(value: Any) -> Any:
    """Return the value with None for what is not a number (JSON has no NaN)."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _known(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_known(item) for item in value]
    return value


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
