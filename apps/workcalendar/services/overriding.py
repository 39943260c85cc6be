"""Sets single days of a calendar otherwise than its source, always with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.audit.services import record
from apps.core.errors import DomainError, NotFoundError
from apps.core.locks import advisory_lock, lock_rows
from apps.workcalendar.choices import DayKind
from apps.workcalendar.errors import CalendarMissingError
from apps.workcalendar.models import CalendarOverride, CalendarYear

if TYPE_CHECKING:
    import datetime as dt

    from apps.accounts.models import User


@transaction.atomic
def set_override(
    *, calendar_code: str, date: dt.date, kind: DayKind, is_short: bool, note: str, actor: User | None
) -> CalendarOverride:
    """Make `date` what the administrator says, replacing an earlier override of the day.

    Raises `DomainError` naming the field for an empty note or a short day that is not working,
    `CalendarMissingError` if the year is not filled, `NotAllowedError` for a person without the right.
    """
    require(actor, Capability.EDIT_MASTER_DATA)
    note = _checked_note(note)
    if is_short and kind != DayKind.WORKING:
        reason = _("Only a working day can be an hour shorter.")
        raise DomainError(reason, fields={"is_short": [reason]})
    advisory_lock(f"workcalendar:{calendar_code}")
    year = CalendarYear.objects.filter(calendar__code=calendar_code, year=date.year).first()
    if year is None:
        raise CalendarMissingError(
            _("The calendar %(code)s is not filled for %(year)s.")
            % {"code": calendar_code, "year": date.year}
        )
    known = CalendarOverride.objects.filter(calendar=year.calendar_id, date=date).first()
    before = _facts(known) if known else None
    override, _created = CalendarOverride.objects.update_or_create(
        calendar_id=year.calendar_id,
        date=date,
        defaults={"kind": kind, "is_short": is_short, "note": note, "created_by": actor},
    )
    record(action="calendar.overridden", obj=override, actor=actor, before=before, after=_facts(override))
    return override


@transaction.atomic
def remove_override(*, override_id: int, actor: User | None) -> None:
    """Give the day back to the calendar; what the override said stays in the audit.

    Raises `NotFoundError` if it is gone already, `NotAllowedError` for a person without the right.
    """
    require(actor, Capability.EDIT_MASTER_DATA)
    locked = lock_rows(CalendarOverride.objects.filter(pk=override_id))
    if not locked:
        raise NotFoundError(_("This override is gone."))
    record(action="calendar.override_removed", obj=locked[0], actor=actor, before=_facts(locked[0]))
    locked[0].delete()


def _checked_note(note: str) -> str:
    note = note.strip()
    longest = CalendarOverride._meta.get_field("note").max_length or 0  # noqa: SLF001 - Django's public name for it
    if not note:
        reason = _("Say why this day differs from the calendar.")
        raise DomainError(reason, fields={"note": [reason]})
    if len(note) > longest:
        reason = _("The note is longer than %(longest)s characters.") % {"longest": longest}
        raise DomainError(reason, fields={"note": [reason]})
    return note


def _facts(override: CalendarOverride) -> dict[str, Any]:
    return {
        "date": override.date.isoformat(),
        "kind": str(override.kind),
        "is_short": override.is_short,
        "note": override.note,
    }
