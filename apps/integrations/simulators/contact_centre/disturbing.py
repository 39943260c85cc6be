"""What a bad line makes of messages: lost, doubled, out of order, with a clock that is off."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.serving.messages import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Message = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """Shares of messages that are lost, sent twice, or sent after later ones; seconds a clock is ahead."""

    loss: float = 0.0
    duplicates: float = 0.0
    disorder: float = 0.0
    skew_s: float = 0.0

    @classmethod
    def of(cls, wanted: object) -> Line:
        """Read it from JSON; raises `BadRequestError` for what is not of its form."""
        known = {field.name for field in fields(cls)}
        if not isinstance(wanted, dict) or not wanted.keys() <= known:
            raise BadRequestError(f"A line is an object of any of {sorted(known)}.")
        if not all(isinstance(value, int | float) for value in wanted.values()):
            raise BadRequestError("A line is described by numbers.")
        return cls(**wanted)


class Disturber:
    """Passes messages on as the line lets them through; the same seed disturbs the same ones."""

    def __init__(self, seed: int, line: Line | None = None) -> None:
        self.line = line or Line()
        self.counts: Counter[str] = Counter()
        self._chance = random.Random(seed)  # noqa: S311 - faults are no secret
        self._late: list[Message] = []

    def pass_on(self, messages: Sequence[Message]) -> Iterator[Message]:
        """Yield what arrives; a message out of order comes after those that follow it here or next time."""
        for message in messages:
            shifted = message | {"actionTime": round(message["actionTime"] + self.line.skew_s)}
            if self._happens("lost", self.line.loss):
                continue
            if self._happens("late", self.line.disorder):
                self._late.append(shifted)
                continue
            yield shifted
            if self._happens("doubled", self.line.duplicates):
                yield shifted
            if self._late:
                yield self._late.pop(0)

    def told(self) -> dict[str, Any]:
        return {**asdict(self.line), "counts": dict(self.counts), "held_back": len(self._late)}

    def _happens(self, what: str, share: float) -> bool:
        happens = self._chance.random() < share
        self.counts[what] += happens
        return happens
