"""What can be asked of a schedule: one frozen command per edit, and its form as JSON.

Instants are aware. A command names shifts by id; which variant they must belong to is said beside it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.core.errors import DomainError


@dataclass(frozen=True)
class MoveShift:
    """Another time, another person, or both; what happens inside the shift moves along."""

    shift_id: int
    start: dt.datetime | None = None
    employee_id: int | None = None


@dataclass(frozen=True)
class ResizeShift:
    """Another span; lunch and breaks are laid anew by the person's break rules."""

    shift_id: int
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True)
class SplitShift:
    """End the shift `at`; the rest is a second shift, which may begin later or be somebody else's."""

    shift_id: int
    at: dt.datetime
    resume: dt.datetime | None = None
    employee_id: int | None = None


@dataclass(frozen=True)
class SwapShifts:
    """Two shifts exchange their people."""

    first_id: int
    second_id: int


@dataclass(frozen=True)
class CopyShift:
    """The same hours of the clock on `local_date` of the person who gets the copy."""

    shift_id: int
    employee_id: int
    local_date: dt.date


@dataclass(frozen=True)
class DeleteShift:
    shift_id: int


@dataclass(frozen=True)
class AddShift:
    """A new shift; lunch and breaks are laid by the person's break rules."""

    employee_id: int
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True)
class PlaceActivity:
    """Put an activity over what is there; work is for `queue_id`, or for the person's queue."""

    shift_id: int
    kind: str
    start: dt.datetime
    end: dt.datetime
    queue_id: int | None = None


@dataclass(frozen=True)
class MoveActivity:
    """Let the activity that begins at `activity_start` begin at `start`; what it leaves becomes work."""

    shift_id: int
    activity_start: dt.datetime
    start: dt.datetime


@dataclass(frozen=True)
class RemoveActivity:
    """Make the activity that begins at `activity_start` work."""

    shift_id: int
    activity_start: dt.datetime


Command = (
    MoveShift
    | ResizeShift
    | SplitShift
    | SwapShifts
    | CopyShift
    | DeleteShift
    | AddShift
    | PlaceActivity
    | MoveActivity
    | RemoveActivity
)
COMMANDS: dict[str, type[Command]] = {
    "move": MoveShift,
    "resize": ResizeShift,
    "split": SplitShift,
    "swap": SwapShifts,
    "copy": CopyShift,
    "delete": DeleteShift,
    "add": AddShift,
    "place_activity": PlaceActivity,
    "move_activity": MoveActivity,
    "remove_activity": RemoveActivity,
}
"""Commands by the value of their `choices.EditKind`."""
_KINDS = {kind: name for name, kind in COMMANDS.items()}
_ID_NAMES = frozenset({"shift_id", "first_id", "second_id", "employee_id", "queue_id"})
LARGEST_ID = 2**63 - 1


def field_error(name: str, message: str) -> DomainError:
    """Give the refusal of one field of a command."""
    return DomainError(message, fields={name: [message]})


def kind_of(command: Command) -> str:
    return _KINDS[type(command)]


def command_data(command: Command) -> dict[str, Any]:
    """Give the command as JSON: `kind` and its fields, instants in UTC; what was not asked is left out."""
    data: dict[str, Any] = {"kind": kind_of(command)}
    for field in dataclasses.fields(command):
        value = getattr(command, field.name)
        if isinstance(value, dt.datetime):
            value = value.astimezone(dt.UTC).isoformat()
        elif isinstance(value, dt.date):
            value = value.isoformat()
        if value is not None:
            data[_json_name(field.name)] = value
    return data


def command_from(data: Mapping[str, Any]) -> Command:
    """Make a command of JSON as `command_data` writes it; `DomainError` names the field that is wrong.

    The kind of activity that `PlaceActivity` asks for stands under `activity_kind`.
    """
    if not isinstance(data, Mapping):
        raise field_error("command", _("A command is an object with its kind and fields."))
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in COMMANDS:
        known = ", ".join(COMMANDS)
        raise field_error("kind", _("Unknown kind of edit; known are: %(known)s.") % {"known": known})
    command = COMMANDS[kind]
    fields = {_json_name(field.name): field for field in dataclasses.fields(command)}
    for name in data:
        if name != "kind" and name not in fields:
            raise field_error(str(name)[:40], _("This kind of edit has no such field."))
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if data.get(name) is not None:
            values[field.name] = _value(name, data[name])
        elif field.default is dataclasses.MISSING:
            raise field_error(name, _("This field is needed."))
    return command(**values)


def _json_name(name: str) -> str:
    return "activity_kind" if name == "kind" else name


def _value(name: str, value: Any) -> Any:
    if name in _ID_NAMES:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST_ID:
            raise field_error(name, _("This is not an id."))
        return value
    if not isinstance(value, str):
        raise field_error(name, _("This is not text."))
    if name == "activity_kind":
        return value
    return _day(name, value) if name == "local_date" else _instant(name, value)


def _day(name: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise field_error(name, _("Write the day as yyyy-mm-dd.")) from error


def _instant(name: str, text: str) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise field_error(name, _("Write the instant as ISO 8601 with its offset.")) from error
    raise field_error(name, _("An instant needs its offset from UTC."))
