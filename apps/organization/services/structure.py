"""Sites, departments, positions, skills, services and queues: added and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.audit.services import record
from apps.core.errors import DomainError
from apps.organization.models import Department, OpeningHours, Queue
from apps.organization.policies import with_all_below
from apps.organization.services.checking import check_zone, fields_under, save_checked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apps.accounts.models import User

RowT = TypeVar("RowT", bound=Model)


@transaction.atomic
def add_row(row: RowT, *, actor: User | None) -> RowT:
    """Save a new row of the structure. Raises `DomainError` naming the field that is wrong."""
    require(actor, Capability.EDIT_MASTER_DATA)
    _save(row)
    record(action=f"{_kind(row)}.add", obj=row, actor=actor, after=_facts(row))
    return row


@transaction.atomic
def change_row(row: RowT, facts: Mapping[str, Any], *, actor: User | None) -> RowT:
    """Change fields of a row that the caller has locked; the same again changes nothing."""
    require(actor, Capability.EDIT_MASTER_DATA)
    before = _facts(row)
    for name, value in facts.items():
        setattr(row, name, value)
    after = _facts(row)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        _save(row)
        told = [{name: facts[name] for name in changed} for facts in (before, after)]
        record(action=f"{_kind(row)}.change", obj=row, actor=actor, before=told[0], after=told[1])
    return row


@transaction.atomic
def set_opening_hours(queue: Queue, hours: Sequence[Mapping[str, int]], *, actor: User | None) -> None:
    """Let a queue be open on these hours (weekday, opens_minute, closes_minute) only; none is always."""
    require(actor, Capability.EDIT_MASTER_DATA)
    names = ("weekday", "opens_minute", "closes_minute")
    before = sorted(queue.opening_hours.values_list(*names))
    wanted = sorted({(row["weekday"], row["opens_minute"], row["closes_minute"]) for row in hours})
    if before == wanted:
        return
    queue.opening_hours.all().delete()
    for facts in wanted:
        row = OpeningHours(queue=queue, **dict(zip(names, facts, strict=True)))
        place = next(at for at, given in enumerate(hours) if tuple(given[name] for name in names) == facts)
        with fields_under(f"opening_hours.{place}"):
            save_checked(row)
    record(
        action="queue.set_opening_hours",
        obj=queue,
        actor=actor,
        before={"opening_hours": before},
        after={"opening_hours": wanted},
    )


def _save(row: Model) -> None:
    """Save a row that keeps to the rules of the structure."""
    if hasattr(row, "time_zone"):
        check_zone(row.time_zone)
    if isinstance(row, Department) and row.pk and row.parent_id in with_all_below({row.pk}):
        message = _("A department does not lie below itself.")
        raise DomainError(message, fields={"parent": [message]})
    save_checked(row)


def _kind(row: Model) -> str:
    return str(row._meta.model_name)  # noqa: SLF001 - Django's public name for it


def _facts(row: Model) -> dict[str, Any]:
    fields = row._meta.concrete_fields  # noqa: SLF001 - Django's public name for it
    values = {field.attname: getattr(row, field.attname) for field in fields if not field.primary_key}
    return {name: value if isinstance(value, int | None) else str(value) for name, value in values.items()}
