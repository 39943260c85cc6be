"""Programs sign in with `X-API-Key` and are let into what their key lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from drf_spectacular.authentication import BasicScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, BasicAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import BasePermission

from apps.accounts.choices import Area
from apps.accounts.models import ApiKey
from apps.accounts.policies import use_scopes
from apps.accounts.selectors import key_by_digest
from apps.accounts.services.api_keys import digest_of, note_use
from apps.accounts.services.guessing import wait_s
from apps.core import clock

if TYPE_CHECKING:
    from rest_framework.request import Request

    from apps.accounts.models import User

HEADER = "X-API-Key"
LONGEST = 200
READS = frozenset({"GET", "HEAD", "OPTIONS"})
AREA_OF_SEGMENT = {
    "employees": Area.PEOPLE,
    "departments": Area.PEOPLE,
    "sites": Area.PEOPLE,
    "services": Area.PEOPLE,
    "skills": Area.PEOPLE,
    "positions": Area.PEOPLE,
    "history-imports": Area.HISTORY,
    "contact-statistics": Area.HISTORY,
    "special-days": Area.HISTORY,
}
ROOT = "/api/v1/"


class PasswordAuthentication(BasicAuthentication):
    """Name and password of a person; after many failures neither is looked at for a while (429)."""

    def authenticate_credentials(self, userid: str, password: str, request: Any = None) -> Any:
        seconds = wait_s(userid, request)
        if seconds:
            raise Throttled(seconds)
        return super().authenticate_credentials(userid, password, request)


class ApiKeyAuthentication(BaseAuthentication):
    """Knows the service user of a key; `request.auth` is the key."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        secret = request.headers.get(HEADER)
        if secret is None:
            return None
        key = key_by_digest(digest_of(secret)) if len(secret) <= LONGEST else None
        if key is None or not key.user.is_active:
            raise AuthenticationFailed(_("There is no such API key."), code="key_unknown")
        if key.revoked_at is not None:
            raise AuthenticationFailed(_("This API key was revoked."), code="key_revoked")
        if key.expires_at is not None and key.expires_at <= clock.now():
            raise AuthenticationFailed(_("This API key has expired."), code="key_expired")
        use_scopes(key.user, key.scopes)
        note_use(key, address=request.META.get("REMOTE_ADDR") or None)
        return key.user, key

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        return HEADER


class WithinScopes(BasePermission):
    """Lets a key into what it lists; people are a matter of the policies."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiKey):
            return True
        return bool(scopes_for(request, view).intersection(request.auth.scopes))


def scopes_for(request: Request, view: Any) -> set[str]:
    """Give the scopes of which one lets into this request: its area's and its endpoint's own.

    A view says where the method does not tell: `reads_by_post`, and `guards_reading` of what only they may
    read who may change it.
    """
    reads = request.method in READS or getattr(view, "reads_by_post", False)
    reads = reads and not getattr(view, "guards_reading", False)
    action = "read" if reads else "write"
    match = request.resolver_match
    scopes = {f"{match.view_name}:{action}"} if match else set()
    area = getattr(view, "area", None) or area_of(request.path)
    return scopes | {f"{area}:{action}"} if area else scopes


def area_of(path: str) -> str | None:
    """Give the area that an address belongs to by its first part; None beyond all areas."""
    segment = path.removeprefix(ROOT).partition("/")[0]
    return AREA_OF_SEGMENT.get(segment, segment if segment in Area.values else None)


class PasswordScheme(BasicScheme):  # type: ignore[no-untyped-call]
    target_class = PasswordAuthentication  # type: ignore[assignment]


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002 - its signature
        return {"type": "apiKey", "in": "header", "name": HEADER}
