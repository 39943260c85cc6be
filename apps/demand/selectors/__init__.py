"""Reads of interval history, of what was corrected in it, and of special days."""

from apps.demand.selectors.corrections import (
    corrections_in_force,
    corrections_of,
    decisions,
    effects_of,
    known_corrections,
    newest_correction_id,
)
from apps.demand.selectors.explaining import explain
from apps.demand.selectors.history import (
    applied_imports,
    history_digest,
    history_series,
    history_span,
    imports_of,
    local_history,
    member_ids,
    offered_by_day,
    recorded_step_s,
    shifted_spans,
    stored_rows,
)
from apps.demand.selectors.outliers import Analysis, analyse, find_outliers
from apps.demand.selectors.special_days import (
    coefficients,
    combined_days,
    names_of_days,
    special_days_of,
    stamp,
    told_days,
)

__all__ = [
    "Analysis",
    "analyse",
    "applied_imports",
    "coefficients",
    "combined_days",
    "corrections_in_force",
    "corrections_of",
    "decisions",
    "effects_of",
    "explain",
    "find_outliers",
    "history_digest",
    "history_series",
    "history_span",
    "imports_of",
    "known_corrections",
    "local_history",
    "member_ids",
    "names_of_days",
    "newest_correction_id",
    "offered_by_day",
    "recorded_step_s",
    "shifted_spans",
    "special_days_of",
    "stamp",
    "stored_rows",
    "told_days",
]
