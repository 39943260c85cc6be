"""Facts for 1C as people see them: their own state, or that of the operation that sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from apps.integrations.choices import FactState, OperationState
from apps.integrations.models import FactSend

if TYPE_CHECKING:
    from django.db.models import QuerySet

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


def listed_facts(
    *, connection: str = "", state: str = "", name: str = "", day: str = ""
) -> QuerySet[FactSend]:
    """Give facts with `shown` (a key of `STATES`), newest day first; a filter that is empty is none."""
    rows = FactSend.objects.select_related("employee", "connection", "operation", "decided_by")
    rows = rows.annotate(shown=SHOWN)
    if connection:
        rows = rows.filter(connection__code=connection)
    if state == "decide":
        rows = rows.filter(shown__in=TO_DECIDE)
    elif state in STATES:
        rows = rows.filter(shown=state)
    if name:
        wanted = Q(employee__last_name__icontains=name) | Q(employee__personnel_number__iexact=name)
        rows = rows.filter(wanted)
    if day:
        rows = rows.filter(shift_date=day)
    return rows.order_by("-shift_date", "-pk")
