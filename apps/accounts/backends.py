"""Django's permissions answered by capabilities, so that the admin keeps to the one policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend

from apps.accounts.policies import Capability, may
from apps.accounts.services.guessing import note_failure, wait_s

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    from apps.accounts.models import User

OWN_CAPABILITY = {"schedules": Capability.PLAN_SCHEDULE, "staffing": Capability.DERIVE_REQUIREMENT}
VIEWED_BY_PLANNERS = frozenset({"organization", "workcalendar", "demand", "forecasts", "jobs"})


class RoleBackend(ModelBackend):
    """Signs in by password; permissions come from roles alone, never from Django's groups."""

    def authenticate(
        self,
        request: Any,
        username: str | None = None,
        password: str | None = None,
        **names: Any,
    ) -> User | None:
        """Know nobody after many failures, nor by a name with a NUL, which no database would compare."""
        if username is None or password is None:
            return super().authenticate(request, username, password, **names)
        if "\0" in username or wait_s(username, request):
            return None
        user: User | None = super().authenticate(request, username, password, **names)
        if user is None:
            note_failure(username, request)
        return user

    def has_perm(self, user_obj: AbstractBaseUser | AnonymousUser, perm: str, obj: Any | None = None) -> bool:
        """Answer for `app.action_model`; single rows are the querysets' business."""
        del obj
        app, _dot, codename = perm.partition(".")
        action, _line, model = codename.partition("_")
        return may(user_obj, capability_for(app, action, model))  # type: ignore[arg-type]

    def has_module_perms(self, user_obj: AbstractBaseUser | AnonymousUser, app_label: str) -> bool:
        return may(user_obj, capability_for(app_label, "view", ""))  # type: ignore[arg-type]


def capability_for(app: str, action: str, model: str) -> Capability:
    """Give what one must be able to do for `action` (view, add, change, delete) on a model."""
    if model == "personallimit":
        return Capability.VIEW_PERSONAL_LIMITS
    if app in OWN_CAPABILITY:
        return OWN_CAPABILITY[app]
    if app == "integrations":
        return Capability.VIEW_INTEGRATIONS if action == "view" else Capability.MANAGE_INTEGRATIONS
    if action == "view" and app in VIEWED_BY_PLANNERS:
        return Capability.VIEW_PLANNING
    return Capability.EDIT_MASTER_DATA
