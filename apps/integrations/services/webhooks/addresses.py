"""What may stand as the address of a webhook; what a name leads to is looked at when it is called."""

from __future__ import annotations

import ipaddress
import socket
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext_noop

from apps.core.errors import DomainError
from apps.core.phrases import Phrase
from apps.integrations.errors import ConfigurationError
from apps.integrations.wire.pinning import Allowed, guard_of

if TYPE_CHECKING:
    from apps.integrations.wire.streams import Guard

LONGEST = 300
NO_ADDRESS = gettext_noop("Give a whole address, as in https://example.com/hook.")
TOO_LONG = gettext_noop("An address has at most %(most)s characters.")
NO_CREDENTIALS = gettext_noop("An address holds no user name or password: receivers check the signature.")
NO_TLS = gettext_noop("Webhooks go to https:// addresses; http:// is for hosts that the installation lists.")


def target_guard() -> Guard:
    """Give the guard of webhooks with what `WEBHOOK_ALLOWED_TARGETS` lists."""
    return guard_of(_allowed(tuple(settings.WEBHOOK_ALLOWED_TARGETS)))


def check_address(address: str) -> str:
    """Give the address of an endpoint as it is kept; raises `DomainError` at the field `url`."""
    text = address.strip()
    if len(text) > LONGEST:
        raise _refused(Phrase(TOO_LONG, {"most": LONGEST}))
    try:
        parts = urlsplit(text)
        port = parts.port
        host = httpx.URL(text).raw_host.decode("ascii")  # as it is called: names of other scripts in ASCII
    except (ValueError, httpx.InvalidURL) as error:
        raise _refused(Phrase(NO_ADDRESS)) from error
    if parts.scheme not in {"http", "https"} or not host or any(sign.isspace() for sign in text):
        raise _refused(Phrase(NO_ADDRESS))
    if parts.username is not None or parts.password is not None:
        raise _refused(Phrase(NO_CREDENTIALS))
    literal = _literal(host)
    if literal is not None:
        try:
            target_guard()(host, [literal])
        except ConfigurationError as error:
            raise _refused(error.reason) from error
    if port == 0 or "%" in host:
        raise _refused(Phrase(NO_ADDRESS))
    if parts.scheme == "http" and not _is_listed(host, literal):
        raise _refused(Phrase(NO_TLS))
    return text


def _is_listed(host: str, literal: str | None) -> bool:
    allowed = _allowed(tuple(settings.WEBHOOK_ALLOWED_TARGETS))
    if literal is not None:
        return allowed.lists(host, ipaddress.ip_address(literal))
    return host.rstrip(".").casefold() in allowed.hosts


def _literal(host: str) -> str | None:
    """Give the address that a host spells in figures, in any of the ways that resolvers understand."""
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))
    except OSError:
        return None


@lru_cache(maxsize=8)
def _allowed(entries: tuple[str, ...]) -> Allowed:
    return Allowed(entries)


def _refused(reason: Phrase) -> DomainError:
    return DomainError(reason, fields={"url": [str(reason)]})
