from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from apps.core.phrases import Phrase


@dataclass(frozen=True, slots=True)
class PassedStage:
    """A stage that an attempt of a job went through; the one it is in, or left unseen, has no end."""

    stage: Phrase
    began_at: dt.datetime
    ended_at: dt.datetime | None = None
    attempt: int = 1
    is_broken_off: bool = False

    @property
    def seconds(self) -> float | None:
        """Give how long it took."""
        return None if self.ended_at is None else (self.ended_at - self.began_at).total_seconds()
