from __future__ import annotations

from typing import TYPE_CHECKING

from apps.integrations.choices import RunState
from apps.integrations.models import Run
from apps.integrations.policies import may_see
from apps.integrations.registry import find_purpose

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from apps.accounts.models import User

HEAVY = ("problems", "plan")


def visible_runs(user: User | AnonymousUser) -> QuerySet[Run]:
    """Give the runs that the person may see: all or none."""
    return Run.objects.all() if may_see(user) else Run.objects.none()


def listed_runs(
    user: User | AnonymousUser, *, connection: str = "", purpose: str = "", state: str = ""
) -> QuerySet[Run]:
    """Give the runs of a connection (code), purpose and state, newest first; nonsense is no filter."""
    runs = visible_runs(user).select_related("connection", "actor").defer(*HEAVY)
    if connection:
        runs = runs.filter(connection__code=connection)
    if purpose:
        runs = runs.filter(purpose=purpose)
    return runs.filter(state=state) if state in RunState.values else runs


def purpose_label(purpose: str) -> str:
    """Give the name of a purpose in the reader's language."""
    found = find_purpose(purpose)
    return str(found.label) if found else purpose
