"""How far people's months are on their way to 1C, as people see it: a page of people by months."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from apps.integrations.choices import OperationState, SendState
from apps.integrations.models import ScheduleSend
from apps.integrations.selectors.month_contents import last_day, next_month
from apps.organization.policies import employees_visible_to
from apps.schedules.models import Shift

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from apps.accounts.models import User
    from apps.integrations.models import Connection
    from apps.organization.models import Employee

HOUR_MS = 3_600_000
STALE, FAILED, CANCELLED, MISSING = "stale", "failed", "cancelled", "missing"
STATES = {
    SendState.WAITING.value: SendState.WAITING.label,
    SendState.SENT.value: SendState.SENT.label,
    STALE: _("Changed since it was sent"),
    SendState.REFUSED.value: SendState.REFUSED.label,
    FAILED: _("Not sent"),
    CANCELLED: _("Cancelled"),
    SendState.HELD.value: SendState.HELD.label,
    SendState.EMPTY.value: SendState.EMPTY.label,
    MISSING: _("Not asked for yet"),
}
TO_REPEAT = (SendState.REFUSED.value, FAILED, CANCELLED)
_WAITING = Q(state=SendState.WAITING)
_OVER = Q(operation__state__in=(OperationState.FAILED, OperationState.UNKNOWN))
_DROPPED = Q(operation=None) | Q(operation__state=OperationState.CANCELLED)
SHOWN = Case(
    When(_WAITING & _OVER, then=Value(FAILED)),
    When(_WAITING & _DROPPED, then=Value(CANCELLED)),
    When(state=SendState.SENT, changed_at__gt=F("built_at"), then=Value(STALE)),
    default=F("state"),
)


@dataclass(frozen=True)
class SendFilters:
    """Which people and months: `state` is a key of `STATES`; empty filters are none."""

    connection: Connection
    months: Sequence[dt.date]
    state: str = ""
    name: str = ""


@dataclass(frozen=True)
class MonthCell:
    """A person's month: its state, what was said of it, the hours that 1C holds and since when."""

    month: dt.date
    state: str
    message: str = ""
    hours: float | None = None
    sent_at: dt.datetime | None = None
    operation_id: int | None = None

    @property
    def label(self) -> str:
        return str(STATES[self.state])


def months_from(first: dt.date, count: int) -> list[dt.date]:
    """Give the first days of `count` months."""
    months = [first.replace(day=1)]
    while len(months) < count:
        months.append(next_month(months[-1]))
    return months


def people_of_sends(user: User | AnonymousUser, filters: SendFilters) -> QuerySet[Employee]:
    """Give the visible people who have one of the months in 1C or in a published schedule, by name."""
    span = (filters.months[0], last_day(filters.months[-1]))
    own = _sends(filters).filter(employee=OuterRef("pk"))
    planned = Shift.objects.filter(employee=OuterRef("pk"), is_published=True, local_date__range=span)
    people = employees_visible_to(user)
    if filters.state == MISSING:
        people = people.filter(Exists(planned)).exclude(Exists(own))
    elif filters.state in STATES:
        people = people.filter(Exists(own.filter(shown=filters.state)))
    else:
        people = people.filter(Exists(own) | Exists(planned))
    if filters.name:
        people = people.filter(Q(last_name__icontains=filters.name) | Q(personnel_number=filters.name))
    return people.order_by("last_name", "first_name", "pk")


def cells_of(filters: SendFilters, employee_ids: Sequence[int]) -> dict[int, list[MonthCell]]:
    """Give the months of people in order; one query."""
    found = {
        (row.employee_id, row.month): _cell(row)
        for row in _sends(filters).filter(employee__in=employee_ids).select_related("operation")
    }
    return {
        key: [found.get((key, month), MonthCell(month, MISSING)) for month in filters.months]
        for key in employee_ids
    }


def counts_of(user: User | AnonymousUser, filters: SendFilters) -> Counter[str]:
    """Count the months of visible people by state; one query."""
    rows = _sends(filters).filter(employee__in=employees_visible_to(user).order_by().values("pk"))
    return Counter(dict(rows.order_by().values_list("shown").annotate(Count("pk"))))


def people_to_repeat(filters: SendFilters) -> list[int]:
    """Give who has a month that was refused, failed or was cancelled, by id."""
    rows = _sends(filters).filter(shown__in=TO_REPEAT).order_by()
    return sorted(rows.values_list("employee_id", flat=True).distinct())


def _sends(filters: SendFilters) -> QuerySet[Any]:
    rows: QuerySet[Any] = ScheduleSend.objects.filter(connection=filters.connection, month__in=filters.months)
    marked: QuerySet[Any] = rows.annotate(shown=SHOWN)
    return marked


def _cell(row: Any) -> MonthCell:
    state = str(row.shown)
    message = row.message or str(row.reason)
    if state == FAILED and row.operation is not None:
        message = row.operation.detail or str(row.operation.reason)
    return MonthCell(row.month, state, message, _hours(row), row.sent_at, row.operation_id)


def _hours(row: ScheduleSend) -> float | None:
    """Give the paid hours that 1C holds of the month, where it was told of hours."""
    if not row.content or not isinstance(row.content[0], list):
        return None
    total_ms: int = sum(day_ms + night_ms for _day, day_ms, night_ms in row.content)
    return total_ms / HOUR_MS
