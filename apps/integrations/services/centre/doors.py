"""Who a centre is that calls us, and what becomes of what it says."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from dataclasses import dataclass
from enum import Enum
from hmac import compare_digest
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from apps.core.errors import DomainError
from apps.core.phrases import Phrase
from apps.integrations.choices import System
from apps.integrations.models import Connection
from apps.integrations.services.access import access_to
from apps.integrations.services.centre.options import centre_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.integrations.services.centre.options import CentreOptions

LIVE_SYSTEMS = (System.CONTACT_CENTRE, System.MCE)
NO_SOURCE = _("There is no contact centre with the code %(code)s.")


class Refusal(Enum):
    """Why a message is not taken."""

    UNKNOWN = "unknown"
    ADDRESS = "address"
    SIGN_IN = "sign_in"


@dataclass(frozen=True)
class Caller:
    """What a message comes with: address (empty when a proxy hides it), path secret, `Authorization`."""

    address: str
    secret: str = ""
    authorization: str = ""


def connection_named(code: str) -> Connection:
    """Give the active contact centre of a code; `DomainError` when there is none."""
    found = Connection.objects.filter(code=code, system__in=LIVE_SYSTEMS, is_active=True).first()
    if found is None:
        told = Phrase(NO_SOURCE, {"code": code[:60]})
        raise DomainError(told, fields={"centre": [str(told)]})
    return found


def door_for(system_id: str, caller: Caller) -> str | Refusal:
    """Give the code of the centre that a status message is of, once it has proven itself.

    By its secret in the path; else by `systemId`, which is an option or the code of the connection; a single
    centre that may push needs no name. A connection with neither addresses nor sign-in lets nobody in.
    """
    open_doors = _open_doors()
    if caller.secret:
        return next(
            (one.code for one, options in open_doors if _knows_path(one, options, caller)), Refusal.UNKNOWN
        )
    named = [door for door in open_doors if system_id and system_id in (door[1].system_id, door[0].code)]
    found = named or open_doors
    if len(found) != 1:
        return Refusal.UNKNOWN
    connection, options = found[0]
    return _refusal(connection, options, caller) or connection.code


def _open_doors() -> list[tuple[Connection, CentreOptions]]:
    connections = Connection.objects.filter(system=System.CONTACT_CENTRE, is_active=True)
    doors = []
    for connection in connections.prefetch_related("credentials"):
        try:
            options = centre_options(connection.options)
        except DomainError:
            continue
        if options.accepts_push:
            doors.append((connection, options))
    return doors


def _knows_path(connection: Connection, options: CentreOptions, caller: Caller) -> bool:
    if options.push_sign_in != "path":
        return False
    token = access_to(connection).secrets.get("token", "")
    return bool(
        token
        and compare_digest(token.encode(), caller.secret.encode())
        and (not options.push_addresses or _is_among(caller.address, options.push_addresses))
    )


def _refusal(connection: Connection, options: CentreOptions, caller: Caller) -> Refusal | None:
    if options.push_addresses and not _is_among(caller.address, options.push_addresses):
        return Refusal.ADDRESS
    if options.push_sign_in == "basic":
        return None if _is_signed_in(connection, caller.authorization) else Refusal.SIGN_IN
    if options.push_sign_in == "path":
        return Refusal.UNKNOWN
    return None if options.push_addresses else Refusal.ADDRESS


def _is_among(address: str, networks: Sequence[str]) -> bool:
    try:
        own: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address)
        if isinstance(own, ipaddress.IPv6Address) and own.ipv4_mapped:  # of a server that listens on both
            own = own.ipv4_mapped
        return any(own in ipaddress.ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False


def _is_signed_in(connection: Connection, authorization: str) -> bool:
    scheme, _space, given = authorization.partition(" ")
    try:
        pair = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return False
    password = access_to(connection).secrets.get("secret", "")
    wanted = f"{connection.username}:{password}".encode()
    return scheme.lower() == "basic" and bool(password) and compare_digest(pair, wanted)
