"""The operation queue as people and other programs look at it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from apps.core import clock
from apps.integrations.choices import FailureClass, OperationState
from apps.integrations.models import Operation
from apps.integrations.policies import may_see
from apps.integrations.registry import operation_kind_label

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from apps.accounts.models import User

HEAVY = ("payload", "result", "detail")
AGES = {"hour": dt.timedelta(hours=1), "day": dt.timedelta(days=1), "week": dt.timedelta(days=7)}
OPEN = (OperationState.PENDING, OperationState.PROCESSING, OperationState.UNKNOWN)


def visible_operations(user: User | AnonymousUser) -> QuerySet[Operation]:
    """Give the operations that the person may see: all or none."""
    return Operation.objects.all() if may_see(user) else Operation.objects.none()


def listed_operations(
    user: User | AnonymousUser,
    *,
    connection: str = "",
    kind: str = "",
    state: str = "",
    failure: str = "",
    priority: str = "",
    age: str = "",
    run: str = "",
) -> QuerySet[Operation]:
    """Give operations newest first; `connection` is a code, `age` (hour, day, week) how old at least.

    What means nothing is no filter.
    """
    rows = visible_operations(user).select_related("connection")
    if connection:
        rows = rows.filter(connection__code=connection)
    if kind:
        rows = rows.filter(kind=kind)
    if state in OperationState.values:
        rows = rows.filter(state=state)
    if failure in FailureClass.values:
        rows = rows.filter(failure=failure)
    if priority.isascii() and priority.isdigit():
        rows = rows.filter(priority=int(priority[:2]))
    if run.isascii() and run.isdigit():
        rows = rows.filter(run=int(run[:18]))
    if age in AGES:
        rows = rows.filter(created_at__lt=clock.now() - AGES[age])
    return rows


def kinds_of_operations(user: User | AnonymousUser) -> list[tuple[str, str]]:
    """Give the kinds that there are, with their names, in the order of these."""
    kinds = visible_operations(user).order_by().values_list("kind", flat=True).distinct()
    return sorted(((kind, operation_kind_label(kind)) for kind in kinds), key=lambda pair: pair[1])
