"""What every service of this app does before it saves: the model's own rules, told as a domain error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from apps.core.errors import DomainError, NotFoundError
from apps.core.locks import lock_rows
from apps.organization.models import Employee

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import Model


def checked(row: Model) -> None:
    """Check fields and constraints of a row that is about to be saved; `DomainError` names the fields."""
    try:
        row.full_clean()
    except ValidationError as refusal:
        fields = {name: list(messages) for name, messages in refusal.message_dict.items()}
        first = fields.get(NON_FIELD_ERRORS) or next(iter(fields.values()))
        raise DomainError(first[0], fields=fields) from refusal


def check_zone(name: str) -> None:
    """Refuse a name that is no time zone; empty stands for the zone of the site."""
    try:
        ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError) as refusal:
        message = _("There is no time zone %(name)s.") % {"name": name}
        raise DomainError(message, fields={"time_zone": [message]}) from refusal


def locked_employee(employee_id: int) -> Employee:
    """Lock a person's card, or `NotFoundError`: changes of one person's facts follow one another."""
    found = lock_rows(Employee.objects.filter(pk=employee_id))
    if not found:
        raise NotFoundError(_("There is no such employee."))
    return found[0]


def check_employed(employee: Employee, field: str, day: dt.date) -> None:
    """Refuse a day before the hire or after the last working day."""
    is_after = employee.dismissed_on is not None and day > employee.dismissed_on
    if day < employee.hired_on or is_after:
        message = _("%(name)s is not employed on %(day)s.") % {"name": employee, "day": day.isoformat()}
        raise DomainError(message, fields={field: [message]})


def as_facts(row: Model, *names: str) -> dict[str, Any]:
    """Give fields of a row as the audit keeps them."""
    values = {name: getattr(row, name) for name in names}
    return {name: value if isinstance(value, int | None) else str(value) for name, value in values.items()}
