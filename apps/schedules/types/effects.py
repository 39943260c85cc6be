"""What an edit does: shifts before and after, and its effect on coverage, hours and labour rules."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from apps.schedules.types.planning import ActivityFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

HARD = "hard"


@dataclass(frozen=True)
class ShiftSnapshot:
    """A shift with everything that an edit can change; instants in UTC.

    `revision` is the edit that made this state (0: as planned), so that equal revisions of a shift mean equal
    shifts. A shift that is not stored yet has a negative id.
    """

    shift_id: int
    employee_id: int
    local_date: dt.date
    start: dt.datetime
    end: dt.datetime
    paid_s: int
    activities: tuple[ActivityFacts, ...]
    revision: int = 0

    def as_data(self) -> dict[str, Any]:
        """Give the snapshot as JSON."""
        return {
            "shift_id": self.shift_id,
            "employee_id": self.employee_id,
            "local_date": self.local_date.isoformat(),
            "start": _text(self.start),
            "end": _text(self.end),
            "paid_s": self.paid_s,
            "revision": self.revision,
            "activities": [
                {
                    "kind": leaf.kind,
                    "start": _text(leaf.start),
                    "end": _text(leaf.end),
                    "queue_id": leaf.queue_id,
                }
                for leaf in self.activities
            ],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> ShiftSnapshot:
        """Make a snapshot of what `as_data` gave."""
        return cls(
            shift_id=data["shift_id"],
            employee_id=data["employee_id"],
            local_date=dt.date.fromisoformat(data["local_date"]),
            start=dt.datetime.fromisoformat(data["start"]),
            end=dt.datetime.fromisoformat(data["end"]),
            paid_s=data["paid_s"],
            revision=data["revision"],
            activities=tuple(
                ActivityFacts(
                    leaf["kind"],
                    dt.datetime.fromisoformat(leaf["start"]),
                    dt.datetime.fromisoformat(leaf["end"]),
                    leaf["queue_id"],
                )
                for leaf in data["activities"]
            ),
        )


@dataclass(frozen=True)
class Change:
    """One shift before and after; None where it is not there. Exchanged, the two are the inverse."""

    before: ShiftSnapshot | None
    after: ShiftSnapshot | None

    @property
    def inverse(self) -> Change:
        return Change(self.after, self.before)

    @property
    def sides(self) -> tuple[ShiftSnapshot, ...]:
        return tuple(side for side in (self.before, self.after) if side is not None)

    @property
    def shift_id(self) -> int:
        return self.sides[0].shift_id

    @property
    def former_id(self) -> int | None:
        """The person of the state before, where the shift goes to another one."""
        first, last = self.sides[0].employee_id, self.sides[-1].employee_id
        return None if first == last else first


@dataclass(frozen=True)
class CoverChange:
    """Agents of a queue in a slot of 15 minutes: required, at work before the edit and after it."""

    queue_id: int
    queue_code: str
    start: dt.datetime
    end: dt.datetime
    required: int
    before: int
    after: int


@dataclass(frozen=True)
class HoursChange:
    """Paid seconds of a person's month against the norm."""

    employee_id: int
    name: str
    norm_s: int
    before_s: int
    after_s: int


@dataclass(frozen=True)
class Broken:
    """A finding of a labour rule about a touched person, in the reader's language.

    `mode` is how strictly edits keep the rule (`hard` refuses what is new or worse, `warn` lets it pass).
    """

    employee_id: int
    name: str
    code: str
    rule_name: str
    text: str
    article: str
    mode: str
    start: dt.datetime
    end: dt.datetime
    is_new: bool
    is_worse: bool

    @property
    def refuses(self) -> bool:
        return self.mode == HARD and (self.is_new or self.is_worse)


@dataclass(frozen=True)
class Effect:
    """What an edit would do or has done; `broken` holds all that is broken afterwards, old findings too."""

    cover: tuple[CoverChange, ...]
    hours: tuple[HoursChange, ...]
    broken: tuple[Broken, ...]
    mended: tuple[Broken, ...]

    @property
    def is_refused(self) -> bool:
        return any(finding.refuses for finding in self.broken)

    @property
    def refusals(self) -> tuple[Broken, ...]:
        return tuple(finding for finding in self.broken if finding.refuses)

    @property
    def under_before_s(self) -> int:
        """Agent-seconds missing in the touched slots before the edit."""
        return sum(_missing_s(slot, slot.before) for slot in self.cover)

    @property
    def under_after_s(self) -> int:
        return sum(_missing_s(slot, slot.after) for slot in self.cover)

    def as_data(self) -> dict[str, Any]:
        """Give the effect as JSON; instants in UTC."""
        return {
            "is_refused": self.is_refused,
            "under_before_s": self.under_before_s,
            "under_after_s": self.under_after_s,
            "cover": [_json(slot) for slot in self.cover],
            "hours": [_json(person) for person in self.hours],
            "broken": [_json(finding) for finding in self.broken],
            "mended": [_json(finding) for finding in self.mended],
        }


@dataclass(frozen=True)
class EditOutcome:
    """What was done: the edit and its number in the variant, its effect, the touched shifts as they are."""

    edit_id: int
    number: int
    effect: Effect
    shifts: tuple[ShiftSnapshot, ...]
    removed: tuple[int, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Give the outcome as JSON; `removed` are ids of shifts that are gone."""
        return {
            "edit_id": self.edit_id,
            "number": self.number,
            "effect": self.effect.as_data(),
            "shifts": [shift.as_data() for shift in self.shifts],
            "removed": list(self.removed),
        }


def _missing_s(slot: CoverChange, agents: int) -> int:
    return max(slot.required - agents, 0) * int((slot.end - slot.start).total_seconds())


def _json(fact: CoverChange | HoursChange | Broken) -> dict[str, Any]:
    return {
        name: _text(value) if isinstance(value, dt.datetime) else value
        for name, value in asdict(fact).items()
    }


def _text(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).isoformat()
