"""How connections are reached, and the setting of their secrets."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from apps.audit.services import record
from apps.core import clock
from apps.core.encryption import SealError
from apps.core.errors import DomainError, NotFoundError
from apps.core.locks import lock_rows
from apps.core.phrases import Phrase
from apps.integrations.errors import ConfigurationError
from apps.integrations.models import Connection, Credential
from apps.integrations.policies import require_managing
from apps.integrations.types import Access

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from apps.accounts.models import User

SECRET_NAMES = ("password", "secret", "old_secret", "token")
LONGEST_SECRET = 1000
UNREADABLE = gettext_noop(
    "The stored %(name)s of %(connection)s cannot be read: type it anew, or give the key back."
)
GONE = gettext_noop("This connection is no longer there.")
NO_SUCH_SECRET = gettext_noop("A connection has no secret called %(name)s.")
TOO_LONG = gettext_noop("A secret has at most %(most)s characters.")


_at_hand: ContextVar[Mapping[int, Access]] = ContextVar("accesses_at_hand", default=MappingProxyType({}))


@contextmanager
def at_hand(accesses: Mapping[int, Access]) -> Iterator[None]:
    """Let `access_of` give what was read for many together, in this thread and block."""
    token = _at_hand.set(accesses)
    try:
        yield
    finally:
        _at_hand.reset(token)


def access_of(connection_id: int) -> Access:
    """Give how a connection is reached, its secrets in plain.

    Raises `NotFoundError`, and `ConfigurationError` when a secret cannot be read.
    """
    if connection_id in _at_hand.get():
        return _at_hand.get()[connection_id]
    found = accesses_of([connection_id])
    if connection_id not in found:
        raise NotFoundError(Phrase(GONE))
    return found[connection_id]


def accesses_of(connection_ids: Collection[int]) -> dict[int, Access]:
    """Give the same of several, in two queries; one that is gone is missing, one unreadable raises."""
    connections = Connection.objects.filter(pk__in=connection_ids).prefetch_related("credentials")
    return {one.pk: access_to(one) for one in connections}


def access_to(connection: Connection) -> Access:
    """Give how `connection` is reached; asks for its credentials when they are not prefetched."""
    secrets: dict[str, str] = {}
    for credential in connection.credentials.all():
        try:
            secrets[credential.name] = credential.value
        except SealError as error:
            facts = {"name": credential.name, "connection": connection.name}
            raise ConfigurationError(Phrase(UNREADABLE, facts), detail=str(error), sent=False) from error
    return Access(
        connection_id=connection.pk,
        code=connection.code,
        system=connection.system,
        dialect=connection.dialect,
        base_url=connection.base_url,
        time_zone=connection.time_zone,
        authentication=connection.authentication,
        username=connection.username,
        secrets=secrets,
        timeout_s=connection.timeout_s,
        max_answer_bytes=connection.max_answer_bytes,
        max_parallel=connection.max_parallel,
        options=connection.options,
    )


@transaction.atomic
def set_secret(connection: Connection, name: str, value: str, *, actor: User | None) -> None:
    """Seal and keep a secret of a connection in place of the earlier one; an empty one is taken away.

    Raises `DomainError` for a name that is none of `SECRET_NAMES` and for a value that is too long.
    """
    require_managing(actor)
    if name not in SECRET_NAMES:
        raise DomainError(Phrase(NO_SUCH_SECRET, {"name": name}))
    if len(value) > LONGEST_SECRET:
        raise DomainError(Phrase(TOO_LONG, {"most": LONGEST_SECRET}))
    lock_rows(Connection.objects.filter(pk=connection.pk))
    held = Credential.objects.filter(connection=connection, name=name).defer("value").first()
    before = {"name": name, "set_at": held.set_at} if held else None
    if held and not value:
        held.delete()
    elif value:
        credential = held or Credential(connection=connection, name=name)
        credential.value = value
        credential.set_at = clock.now()
        credential.save()
    after = {"name": name, "set": bool(value)}
    record(action="connection.secret_set", obj=connection, actor=actor, before=before, after=after)
