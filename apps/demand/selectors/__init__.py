"""Reads of interval history, of what was corrected in it, and of special days."""

from apps.demand.selectors.history import (
    history_digest,
    history_series,
    history_span,
    imports_of,
    local_history,
    member_ids,
    shifted_spans,
    stored_rows,
)

__all__ = [
    "history_digest",
    "history_series",
    "history_span",
    "imports_of",
    "local_history",
    "member_ids",
    "shifted_spans",
    "stored_rows",
]
