"""Keys of programs: issued, used, revoked."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.accounts.choices import Role
from apps.accounts.models import ApiKey, RoleGrant, User
from apps.accounts.policies import SCOPES, Capability, grants_on, require, today
from apps.audit.services import record
from apps.core import clock
from apps.core.errors import ConflictError, DomainError, NotFoundError
from apps.core.locks import lock_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

PREFIX_BYTES, SECRET_BYTES = 6, 32
USE_NOTED_EVERY = dt.timedelta(minutes=1)
ENDPOINT_SCOPE = re.compile(r"[a-z_]+:[a-z][a-z0-9-]*:(read|write)")


@dataclass(frozen=True)
class IssuedKey:
    """A new key and its secret, which is told now and never again."""

    key: ApiKey
    secret: str


@transaction.atomic
def issue_key(
    *,
    name: str,
    scopes: Sequence[str],
    actor: User | None,
    expires_at: dt.datetime | None = None,
    user: User | None = None,
) -> IssuedKey:
    """Make a key for a service user, a new one unless given; its secret is in the answer and nowhere else.

    A scope is an area of the API (`choices.Area`) or the name of an endpoint, with `:read` or `:write`:
    `people:read`, `organization:api-employee-skills:write`. Raises `DomainError` for scopes that are none, an
    end that has passed, and a user who is no service user.
    """
    require(actor, Capability.EDIT_MASTER_DATA)
    name = name.strip()
    check_key(name, scopes, expires_at, is_new_user=user is None)
    owner = _service_user(name) if user is None else _checked_owner(user)
    prefix = f"wfm_{secrets.token_hex(PREFIX_BYTES)}"
    secret = f"{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    key = ApiKey.objects.create(
        user=owner,
        name=name,
        prefix=prefix,
        secret_sha256=digest_of(secret),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        created_by=actor,
    )
    facts = {"name": name, "prefix": prefix, "scopes": key.scopes, "user_id": owner.pk}
    facts["expires_at"] = expires_at and expires_at.isoformat()
    record(action="api_key.issue", obj=key, actor=actor, after=facts)
    return IssuedKey(key, secret)


@transaction.atomic
def revoke_key(*, key_id: int, actor: User | None) -> ApiKey:
    """Let a key hold no longer, from this moment on; revoked again it stays as it is."""
    require(actor, Capability.EDIT_MASTER_DATA)
    found = lock_rows(ApiKey.objects.filter(pk=key_id))
    if not found:
        raise NotFoundError(_("There is no such API key."))
    key = found[0]
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])
        record(action="api_key.revoke", obj=key, actor=actor, after={"prefix": key.prefix})
    return key


def note_use(key: ApiKey, *, address: str | None) -> None:
    """Write when the key was used last, at most once a minute, and once a day and address in the audit."""
    now = clock.now()
    if key.last_used_at is not None and now - key.last_used_at < USE_NOTED_EVERY:
        return
    is_news = key.last_used_at is None or key.last_used_at.date() != now.date() or key.last_address != address
    with transaction.atomic():
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now, last_address=address)
        if is_news:
            record(action="api_key.use", obj=key, actor=key.user, after={"prefix": key.prefix})


def digest_of(secret: str) -> str:
    """Give what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def check_key(
    name: str, scopes: Sequence[str], expires_at: dt.datetime | None, *, is_new_user: bool = True
) -> None:
    """Refuse with `DomainError`, naming the field, what no key can be."""
    if not name:
        message = _("A key needs a name.")
        raise DomainError(message, fields={"name": [message]})
    wrong = [scope for scope in scopes if scope not in SCOPES and not ENDPOINT_SCOPE.fullmatch(scope)]
    if wrong or not scopes:
        message = _("There is no scope %(scopes)s.") % {"scopes": ", ".join(wrong) or "-"}
        raise DomainError(message, fields={"scopes": [message]})
    if expires_at is not None and expires_at <= clock.now():
        message = _("This end has passed already.")
        raise DomainError(message, fields={"expires_at": [message]})
    if is_new_user and User.objects.filter(username=_username(name)).exists():
        message = _("There is a service user %(name)s already: name it, or call the key otherwise.")
        message %= {"name": _username(name)}
        raise ConflictError(message, fields={"name": [message]})


def _service_user(name: str) -> User:
    """Make the user who acts for a key: nobody can sign in as it."""
    user = User(username=_username(name), last_name=name[:150])
    user.set_unusable_password()
    user.save()
    RoleGrant.objects.create(user=user, role=Role.INTEGRATION, valid_from=today())
    return user


def _username(name: str) -> str:
    return f"service-{slugify(name) or 'key'}"[:140]


def _checked_owner(user: User) -> User:
    is_service = grants_on(user, today()).filter(role=Role.INTEGRATION).exists()
    if not is_service or user.has_usable_password() or not user.is_active:
        message = _("%(name)s is no service user.") % {"name": user}
        raise DomainError(message, fields={"user": [message]})
    return user
