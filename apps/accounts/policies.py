"""Who may do what: roles come from dated grants, capabilities from roles. Every door asks here.

A higher app that knows of another source of a role (deputies) registers it with `role_source`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.choices import CAPABILITY_TITLES, Area, Role
from apps.accounts.models import ApiKey, RoleGrant, User
from apps.core import clock
from apps.core.errors import NotAllowedError
from apps.core.services.idempotency import rights_source
from apps.jobs.policies import sees_all_jobs

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet


class Capability(StrEnum):
    """What a person may do; doors ask for these, never for a role."""

    VIEW_PLANNING = "view_planning"
    IMPORT_HISTORY = "import_history"
    CORRECT_HISTORY = "correct_history"
    RUN_FORECAST = "run_forecast"
    DERIVE_REQUIREMENT = "derive_requirement"
    PLAN_SCHEDULE = "plan_schedule"
    PUBLISH_SCHEDULE = "publish_schedule"
    VIEW_SCHEDULE = "view_schedule"
    VIEW_OWN_SCHEDULE = "view_own_schedule"
    EDIT_SCHEDULE = "edit_schedule"
    EDIT_MASTER_DATA = "edit_master_data"
    VIEW_PERSONAL_LIMITS = "view_personal_limits"
    VIEW_INTEGRATIONS = "view_integrations"
    OPERATE_INTEGRATIONS = "operate_integrations"
    MANAGE_INTEGRATIONS = "manage_integrations"


_EMPLOYEE = frozenset({Capability.VIEW_OWN_SCHEDULE})
_SUPERVISOR = _EMPLOYEE | {Capability.VIEW_SCHEDULE, Capability.EDIT_SCHEDULE}
_PLANNER = _SUPERVISOR | {
    Capability.VIEW_PLANNING,
    Capability.IMPORT_HISTORY,
    Capability.CORRECT_HISTORY,
    Capability.RUN_FORECAST,
    Capability.DERIVE_REQUIREMENT,
    Capability.PLAN_SCHEDULE,
    Capability.PUBLISH_SCHEDULE,
    Capability.VIEW_INTEGRATIONS,
    Capability.OPERATE_INTEGRATIONS,
}
CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.EMPLOYEE: _EMPLOYEE,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.PLANNER: _PLANNER,
    Role.ADMIN: frozenset(Capability),
    Role.INTEGRATION: frozenset(),  # what its keys list, and nothing else: `SCOPES`
}
SCOPES: dict[str, frozenset[Capability]] = {  # whoever writes a thing sees it; its list is another scope
    f"{Area.PEOPLE}:read": frozenset({Capability.VIEW_SCHEDULE}),
    f"{Area.PEOPLE}:write": frozenset({Capability.EDIT_MASTER_DATA, Capability.VIEW_SCHEDULE}),
    f"{Area.QUEUES}:read": frozenset({Capability.VIEW_SCHEDULE}),
    f"{Area.QUEUES}:write": frozenset({Capability.EDIT_MASTER_DATA, Capability.VIEW_SCHEDULE}),
    f"{Area.HISTORY}:read": frozenset({Capability.VIEW_PLANNING}),
    f"{Area.HISTORY}:write": frozenset({Capability.IMPORT_HISTORY, Capability.CORRECT_HISTORY}),
    f"{Area.FORECASTS}:read": frozenset({Capability.VIEW_PLANNING}),
    f"{Area.FORECASTS}:write": frozenset({Capability.RUN_FORECAST}),
    f"{Area.REQUIREMENTS}:read": frozenset({Capability.VIEW_PLANNING}),
    f"{Area.REQUIREMENTS}:write": frozenset({Capability.DERIVE_REQUIREMENT}),
    f"{Area.SCHEDULES}:read": frozenset({Capability.VIEW_PLANNING, Capability.VIEW_SCHEDULE}),
    f"{Area.SCHEDULES}:write": frozenset(
        {
            Capability.VIEW_PLANNING,
            Capability.VIEW_SCHEDULE,
            Capability.PLAN_SCHEDULE,
            Capability.PUBLISH_SCHEDULE,
            Capability.EDIT_SCHEDULE,
        }
    ),
    f"{Area.SHIFTS}:read": frozenset({Capability.VIEW_PLANNING, Capability.VIEW_SCHEDULE}),
    f"{Area.SHIFTS}:write": frozenset(
        {Capability.VIEW_PLANNING, Capability.VIEW_SCHEDULE, Capability.EDIT_SCHEDULE}
    ),
    f"{Area.JOBS}:read": frozenset(),
    f"{Area.JOBS}:write": frozenset(),
    f"{Area.PLANNING}:read": frozenset({Capability.VIEW_PLANNING}),
    f"{Area.WEBHOOKS}:read": frozenset({Capability.VIEW_INTEGRATIONS}),
    f"{Area.WEBHOOKS}:write": frozenset(  # its key enters the doors of webhooks only
        {
            Capability.VIEW_INTEGRATIONS,
            Capability.OPERATE_INTEGRATIONS,
            Capability.MANAGE_INTEGRATIONS,
        }
    ),
    f"{Area.INTEGRATIONS}:read": frozenset({Capability.VIEW_INTEGRATIONS}),
    f"{Area.INTEGRATIONS}:write": frozenset(  # what other systems bring lands in all of these
        {
            Capability.VIEW_INTEGRATIONS,
            Capability.OPERATE_INTEGRATIONS,
            Capability.IMPORT_HISTORY,
            Capability.DERIVE_REQUIREMENT,
            Capability.EDIT_MASTER_DATA,
            Capability.EDIT_SCHEDULE,
            Capability.VIEW_PLANNING,
            Capability.VIEW_SCHEDULE,
        }
    ),
}
_AREA_OF_APP = {  # of scopes that name one endpoint: `organization:api-employee:write`
    "organization": Area.PEOPLE,
    "demand": Area.HISTORY,
    "forecasts": Area.FORECASTS,
    "staffing": Area.REQUIREMENTS,
    "schedules": Area.SCHEDULES,
    "jobs": Area.JOBS,
    "monitoring": Area.INTEGRATIONS,
    "integrations": Area.INTEGRATIONS,
}
_AREA_OF_NAME = {"integrations:api-webhook": Area.WEBHOOKS}  # by how the name begins, before its app's
_role_sources: list[Callable[[User, dt.date], frozenset[Role]]] = []
_MEMORY = "_roles_by_day"
_SCOPES_IN_USE = "_scopes_in_use"


def role_source(
    function: Callable[[User, dt.date], frozenset[Role]],
) -> Callable[[User, dt.date], frozenset[Role]]:
    """Register a function of a higher app that knows of roles held on a day beside the grants."""
    if function not in _role_sources:
        _role_sources.append(function)
    return function


def today() -> dt.date:
    """Give the current day in the zone that is active for this request."""
    return timezone.localdate(clock.now())


def grants_on(user: User, day: dt.date) -> QuerySet[RoleGrant]:
    """Give the role grants of `user` that hold on `day`."""
    return user.grants.filter(valid_from__lte=day).exclude(valid_to__lt=day)


def roles_on(user: User | AnonymousUser, day: dt.date) -> frozenset[Role]:
    """Give the roles held on `day`; remembered on the user object, so a request asks the database once."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    memory: dict[dt.date, frozenset[Role]] = user.__dict__.setdefault(_MEMORY, {})
    if day not in memory:
        memory[day] = _find_roles(user, day)
    return memory[day]


def forget_roles(user: User) -> None:
    """Drop what is remembered of the user's roles, after a change of grants."""
    user.__dict__.pop(_MEMORY, None)
    user.__dict__.pop(_SCOPES_IN_USE, None)


def may(user: User | AnonymousUser, capability: Capability) -> bool:
    """Tell whether the person has `capability` today."""
    roles = roles_on(user, today())
    if any(capability in CAPABILITIES[role] for role in roles):
        return True
    return Role.INTEGRATION in roles and any(capability in capabilities_of(scope) for scope in _scopes(user))


def capabilities_of(scope: str) -> frozenset[Capability]:
    """Give what a scope of a key lets its user do; the door lets it into its endpoints only besides."""
    if scope in SCOPES:
        return SCOPES[scope]
    app, _colon, rest = scope.partition(":")
    named = (area for start, area in _AREA_OF_NAME.items() if scope.startswith(start))
    area = next(named, None) or _AREA_OF_APP.get(app)
    return SCOPES.get(f"{area}:{rest.rpartition(':')[2]}", frozenset()) if area else frozenset()


def use_scopes(user: User, scopes: Iterable[str]) -> None:
    """Let the service user do, for this request, what the key at hand lists."""
    user.__dict__[_SCOPES_IN_USE] = frozenset(scopes)


@rights_source
def rights_now(user: User | AnonymousUser) -> list[str]:
    """Name what the person may do today, and in which departments."""
    may_do = [str(capability) for capability in Capability if may(user, capability)]
    if not isinstance(user, User) or not may_do:
        return may_do
    departments = set(grants_on(user, today()).values_list("department_id", flat=True))
    if user.is_superuser or None in departments:
        return [*may_do, "department:*"]
    return [*may_do, *(f"department:{department}" for department in departments)]


@sees_all_jobs
def oversees_jobs(user: User | AnonymousUser) -> bool:
    """Tell whether the person works with the plan, whose jobs are a matter of all who do."""
    return may(user, Capability.VIEW_PLANNING)


def require(user: User | AnonymousUser | None, capability: Capability) -> None:
    """Refuse with `NotAllowedError` unless the person has `capability`; no person means the system itself."""
    if user is not None and not may(user, capability):
        raise NotAllowedError(_("You may not do this: %(what)s.") % {"what": CAPABILITY_TITLES[capability]})


def _scopes(user: User | AnonymousUser) -> frozenset[str]:
    """Give the scopes of the key at hand; away from a request (in a job) those of all keys that hold."""
    if _SCOPES_IN_USE not in user.__dict__:
        now = clock.now()
        keys = ApiKey.objects.filter(user=user.pk, revoked_at=None).exclude(expires_at__lte=now)
        listed = keys.values_list("scopes", flat=True)
        user.__dict__[_SCOPES_IN_USE] = frozenset(scope for scopes in listed for scope in scopes)
    found: frozenset[str] = user.__dict__[_SCOPES_IN_USE]
    return found


def _find_roles(user: User, day: dt.date) -> frozenset[Role]:
    roles = {Role(name) for name in grants_on(user, day).values_list("role", flat=True)}
    if user.is_superuser:
        roles.add(Role.ADMIN)
    for source in _role_sources:
        roles |= source(user, day)
    return frozenset(roles)
