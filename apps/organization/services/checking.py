"""What every service of this app does before it saves: the model's own rules, told as a domain error."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from psycopg.errors import ExclusionViolation, UniqueViolation

from apps.core.errors import ConflictError, DomainError, NotFoundError
from apps.core.locks import lock_rows
from apps.organization.models import Employee

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from django.db.models import Model


def checked(row: Model) -> None:
    """Check fields and constraints of a row that is about to be saved; `DomainError` names the fields."""
    try:
        row.full_clean()
    except ValidationError as refusal:
        fields = {name: [_told(error) for error in errors] for name, errors in refusal.error_dict.items()}
        first = fields.get(NON_FIELD_ERRORS) or next(iter(fields.values()))
        raise DomainError(first[0], fields=fields) from refusal


def save_checked(row: Model, *, update_fields: Iterable[str] | None = None) -> None:
    """Check a row and save it; `ConflictError` where somebody saved the same at the same moment."""
    checked(row)
    try:
        with transaction.atomic():
            row.save(update_fields=update_fields)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation | ExclusionViolation):
            raise ConflictError(_("Somebody saved the same just now: read it again.")) from error
        raise


@contextmanager
def fields_under(place: str) -> Iterator[None]:
    """Name the fields of a refusal by where they stand: `rate` as `terms.rate`."""
    try:
        yield
    except DomainError as error:
        error.fields = {
            place if name == NON_FIELD_ERRORS else f"{place}.{name}": texts
            for name, texts in error.fields.items()
        }
        raise


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


def _told(error: ValidationError) -> str:
    if error.code == "unique":  # Django's sentence puts two names side by side that no grammar joins
        return _("Another one has this already.")
    return str(error.messages[0])


def as_facts(row: Model, *names: str) -> dict[str, Any]:
    """Give fields of a row as the audit keeps them."""
    values = {name: getattr(row, name) for name in names}
    return {name: value if isinstance(value, int | None) else str(value) for name, value in values.items()}
