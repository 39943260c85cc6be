"""Facts for 1C as people see them: their own state, or that of the operation that sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from apps.integrations.choices import FactState, OperationState
from apps.integrations.models import FactSend, ScheduleSend
from apps.integrations.selectors.month_contents import hours_of_row
from apps.integrations.wire.onec.split import Hours
from apps.organization.policies import employees_visible_to

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from apps.accounts.models import User

UNKNOWN, FAILED = "unknown", "failed"
STATES = {
    FactState.WAITING.value: FactState.WAITING.label,
    UNKNOWN: _("Outcome unknown"),
    FactState.HELD.value: FactState.HELD.label,
    FAILED: _("Not sent"),
    FactState.REFUSED.value: FactState.REFUSED.label,
    FactState.SENT.value: FactState.SENT.label,
    FactState.REPLACED.value: FactState.REPLACED.label,
    FactState.DISCARDED.value: FactState.DISCARDED.label,
}
TO_DECIDE = (UNKNOWN, FactState.HELD.value, FAILED, FactState.REFUSED.value)
OVER = (OperationState.FAILED.value, OperationState.CANCELLED.value)
SHOWN = Case(
    When(Q(state=FactState.WAITING, operation__state=OperationState.UNKNOWN), then=Value(UNKNOWN)),
    When(Q(state=FactState.WAITING) & (Q(operation=None) | Q(operation__state__in=OVER)), then=Value(FAILED)),
    default=F("state"),
)


def shown_state(fact: FactSend) -> str:
    """Give the state of a fact as people are told it: one of `STATES`."""
    if fact.state != FactState.WAITING:
        return str(fact.state)
    operation = fact.operation
    if operation is None or operation.state in OVER:
        return FAILED
    return UNKNOWN if operation.state == OperationState.UNKNOWN else str(fact.state)


def facts_seen_by(user: User | AnonymousUser) -> QuerySet[Any]:
    """Give the facts of visible people, with `shown` (a key of `STATES`)."""
    people = employees_visible_to(user).order_by().values("pk")
    rows: QuerySet[Any] = FactSend.objects.filter(employee__in=people)
    marked: QuerySet[Any] = rows.select_related("employee", "connection", "operation", "decided_by").annotate(
        shown=SHOWN
    )
    return marked


def listed_facts(
    user: User | AnonymousUser, *, connection: str = "", state: str = "", name: str = "", day: str = ""
) -> QuerySet[Any]:
    """Give facts newest day first; a filter that is empty is none, the state `decide` is all to decide."""
    rows = facts_seen_by(user)
    if connection:
        rows = rows.filter(connection__code=connection)
    if state == "decide":
        rows = rows.filter(shown__in=TO_DECIDE)
    elif state in STATES:
        rows = rows.filter(shown=state)
    if name:
        rows = rows.filter(Q(employee__last_name__icontains=name) | Q(employee__personnel_number=name))
    if day:
        rows = rows.filter(shift_date=day)
    return rows.order_by("-shift_date", "-pk")


def planned_ms(fact: FactSend) -> int:
    """Give what 1C holds as planned for the day, as far as we sent it; without a schedule that is nothing."""
    month = fact.shift_date.replace(day=1)
    content = (
        ScheduleSend.objects.filter(connection=fact.connection_id, employee=fact.employee_id, month=month)
        .values_list("content", flat=True)
        .first()
    )
    days = dict(hours_of_row(row) for row in content or [] if isinstance(row, list))
    return days.get(fact.shift_date, Hours()).total_ms
