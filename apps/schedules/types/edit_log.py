"""The log of edits as pages show it: texts in the reader's language, times on each person's clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True)
class ChangeLine:
    """A shift from what to what; `zone` says how far the clock of its times is from UTC."""

    text: str
    zone: str = ""

    def __str__(self) -> str:
        return f"{self.text} {self.zone}".strip()


@dataclass(frozen=True)
class EditLine:
    """One edit: who did what to whom, when, from where. `lines` tell each shift from what to what.

    `allowed` names the rules that were let pass.
    """

    edit_id: int
    number: int
    when: dt.datetime
    who: str
    title: str
    lines: tuple[ChangeLine, ...]
    source: str
    reason: str
    state: str
    allowed: tuple[str, ...]
