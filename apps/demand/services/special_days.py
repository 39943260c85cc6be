"""Special days and events: made, changed and taken away by planners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.audit.services import record
from apps.core.errors import ConflictError, DomainError, NotFoundError, StaleError
from apps.core.events import emit
from apps.core.locks import advisory_lock
from apps.demand.models import SpecialDay
from apps.demand.models.special_days import DAY_MINUTES
from apps.demand.types import SpecialDayFacts

if TYPE_CHECKING:
    import datetime as dt

    from apps.accounts.models import User

LONGEST_DAYS = 366
NAMES_LOCK = "demand.special_days"


@transaction.atomic
def save_special_day(
    *,
    facts: SpecialDayFacts,
    actor: User | None,
    special_day_id: int | None = None,
    seen: dt.datetime | None = None,
) -> SpecialDay:
    """Make a special day, or give the one of `special_day_id` these facts; forecasts made before are marked.

    Raises
    ------
    NotAllowedError, NotFoundError
        The actor may not; there is no such special day.
    DomainError
        By field: days or hours in the wrong order, a coefficient out of range, no name.
    ConflictError
        There is one of the same name, days and hours for the same queues already.
    StaleError
        Somebody changed it after `seen` (its `updated_at`).

    """
    require(actor, Capability.CORRECT_HISTORY)
    _check(facts)
    advisory_lock(NAMES_LOCK)
    _refuse_twin(facts, special_day_id)
    row = SpecialDay(created_by=actor) if special_day_id is None else _locked(special_day_id, seen)
    before = _facts(row) if row.pk else None
    for name in SpecialDayFacts.__slots__:
        setattr(row, name, getattr(facts, name))
    try:
        row.full_clean(exclude=["created_by"])
    except ValidationError as error:
        raise DomainError(_("Some fields are not valid."), fields=error.message_dict) from error
    row.save()
    record(action="demand.save_special_day", obj=row, actor=actor, before=before, after=_facts(row))
    _announce(row, actor, is_deleted=False)
    return row


@transaction.atomic
def delete_special_day(*, special_day_id: int, actor: User | None, seen: dt.datetime | None = None) -> None:
    """Take a special day away; forecasts keep what they used of it.

    Raises `NotAllowedError`, `NotFoundError`, or `StaleError` as `save_special_day`.
    """
    require(actor, Capability.CORRECT_HISTORY)
    row = _locked(special_day_id, seen)
    record(action="demand.delete_special_day", obj=row, actor=actor, before=_facts(row))
    _announce(row, actor, is_deleted=True)
    row.delete()


def _check(facts: SpecialDayFacts) -> None:
    fields: dict[str, list[str]] = {}
    if not facts.name.strip():
        fields["name"] = [_("Give it a name.")]
    if facts.last_day < facts.first_day:
        fields["last_day"] = [_("The last day is before the first.")]
    elif (facts.last_day - facts.first_day).days >= LONGEST_DAYS:
        fields["last_day"] = [_("A year at most.")]
    if not 0 <= facts.from_minute < facts.to_minute <= DAY_MINUTES:
        fields["to_minute"] = [_("It ends before it begins.")]
    if not 0 <= facts.coefficient <= 100:  # noqa: PLR2004 - as the database has it
        fields["coefficient"] = [_("A coefficient lies between 0 and 100.")]
    if facts.queue and facts.calendar_code:
        fields["calendar_code"] = [_("Choose either a queue or a calendar.")]
    if fields:
        raise DomainError(next(iter(fields.values()))[0], fields=fields)


def _refuse_twin(facts: SpecialDayFacts, special_day_id: int | None) -> None:
    """Refuse a second one of the same name for the same time and queues: both would count."""
    twins = SpecialDay.objects.filter(
        name__iexact=facts.name.strip(),
        first_day=facts.first_day,
        last_day=facts.last_day,
        from_minute=facts.from_minute,
        to_minute=facts.to_minute,
        queue=facts.queue,
        calendar_code=facts.calendar_code,
    )
    if special_day_id is not None:
        twins = twins.exclude(pk=special_day_id)
    if twins.exists():
        why = _("There is a special day of this name for these days and queues already: change that one.")
        raise ConflictError(why, fields={"name": [why]})


def _locked(special_day_id: int, seen: dt.datetime | None) -> SpecialDay:
    row = SpecialDay.objects.select_for_update().filter(pk=special_day_id).first()
    if row is None:
        raise NotFoundError(_("There is no special day %(id)s.") % {"id": special_day_id})
    if seen is not None and row.updated_at != seen:
        raise StaleError(
            _("Somebody changed the special day meanwhile: look at it again."), current=_facts(row)
        )
    return row


def _facts(row: SpecialDay) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": str(row.kind),
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
        "from_minute": row.from_minute,
        "to_minute": row.to_minute,
        "coefficient": float(row.coefficient),
        "queue_id": row.queue_id,
        "calendar_code": row.calendar_code,
        "note": row.note,
    }


def _announce(row: SpecialDay, actor: User | None, *, is_deleted: bool) -> None:
    emit(
        "special_day.changed",
        aggregate="demand.specialday",
        aggregate_id=row.pk,
        data=_facts(row) | {"is_deleted": is_deleted},
        actor=actor,
    )
