"""Lines of a doctor's report, and the register of what makes them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Examination = Callable[[], Iterator["Line"]]


class Level(IntEnum):
    """How good something is; the worst one is the exit code of the command."""

    OK = 0
    WARN = 1
    FAIL = 2


@dataclass(frozen=True)
class Line:
    """One finding: "postgresql.version", its figure, and advice unless it is well."""

    level: Level
    name: str
    figure: str
    advice: str = ""


examinations: dict[str, Examination] = {}


def examination(name: str) -> Callable[[Examination], Examination]:
    """Register an examination; it may raise what a database, Redis or the network raises when away."""

    def register(function: Examination) -> Examination:
        examinations[name] = function
        return function

    return register


def judged(name: str, figure: str, advice: str, *, fail: bool = False, warn: bool = False) -> Line:
    """Give a line of the level that the conditions say; advice stands only where something is wrong."""
    level = Level.FAIL if fail else Level.WARN if warn else Level.OK
    return Line(level, name, figure, advice if level else "")
