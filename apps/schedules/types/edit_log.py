"""The log of edits as pages show it: texts in the reader's language, times on each person's clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True)
class EditLine:
    """One edit: who did what to whom, when, from where. `lines` tell each shift from what to what."""

    edit_id: int
    number: int
    when: dt.datetime
    who: str
    title: str
    lines: tuple[str, ...]
    source: str
    reason: str
    state: str
    allowed: int
