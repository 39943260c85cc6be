"""What a fault run says in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.faults.plant import Plant

    Scenario = Callable[[Plant, "Size"], "Row"]


@dataclass(frozen=True)
class Size:
    """How large a scenario is played: `share` of its full size, in `pace` times the speed of production."""

    share: float = 1.0
    pace: float = 1.0

    def of(self, full: int, *, least: int = 1) -> int:
        return max(least, round(full * self.share))

    def seconds(self, full_s: float, *, start_s: float = 0.0) -> float:
        """Give a limit of production at this pace, plus what starting processes takes whatever the pace."""
        return full_s / self.pace + start_s


@dataclass
class Row:
    """One scenario: each of `checks` must hold; `figures` are what was measured."""

    name: str
    scenario: str
    checks: dict[str, bool] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        return bool(self.checks) and all(self.checks.values())

    @property
    def broken(self) -> list[str]:
        return [name for name, held in self.checks.items() if not held]
