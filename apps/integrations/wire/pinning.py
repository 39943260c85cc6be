"""Which addresses a webhook may reach: public ones, and what the installation lists.

The names are resolved once, right before the connection, and the connection goes to one of the addresses
that were looked at: a name that points elsewhere a moment later changes nothing.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from apps.integrations.wire.streams import Guard

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address
    Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PRIVATE = gettext_noop("%(host)s is on a network that webhooks may not reach.")
NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))  # RFC 6052, 8215
COMPATIBLE = ipaddress.IPv6Network("::/96")  # RFC 4291, 2.5.5.1
SPECIAL = tuple(  # of the registries of special-purpose addresses what older Pythons take for public
    ipaddress.ip_network(text) for text in ("192.0.0.0/24", "fec0::/10", "3fff::/20", "5f00::/16")
)
LOW_32_BITS = 0xFFFF_FFFF


class Allowed:
    """Hosts and networks on which webhooks may reach private addresses, as a setting lists them."""

    def __init__(self, entries: Iterable[str]) -> None:
        self.hosts: set[str] = set()
        self.networks: list[Network] = []
        for entry in entries:
            try:
                self.networks.append(ipaddress.ip_network(entry.strip()))
            except ValueError:
                self.hosts.add(_plain(entry))

    def lists(self, host: str, address: Address) -> bool:
        """Tell whether `address`, to which `host` resolved, is listed by either."""
        return _plain(host) in self.hosts or any(address in network for network in self.networks)


def guard_of(allowed: Allowed) -> Guard:
    """Give what the client asks before it connects: of the addresses of a host those that are allowed.

    It raises `ConfigurationError` when none is.
    """

    def guard(host: str, addresses: list[str]) -> list[str]:
        good = [one for one in addresses if _may_reach(allowed, host, one)]
        if not good:
            raise ConfigurationError(Phrase(PRIVATE, {"host": host}), sent=False)
        return good

    return guard


def _may_reach(allowed: Allowed, host: str, text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    return allowed.lists(host, address) or all(_is_public(one) for one in _meant(address))


def _meant(address: Address) -> Sequence[Address]:
    """Give the address and every IPv4 address that it carries: a router may take either."""
    if not isinstance(address, ipaddress.IPv6Address):
        return [address]
    carried: list[Address] = [address] if address.ipv4_mapped is None else [address.ipv4_mapped]
    if address.sixtofour is not None:
        carried.append(address.sixtofour)
    if address.teredo is not None:
        carried.extend(address.teredo)
    if address in COMPATIBLE or any(address in network for network in NAT64):
        carried.append(ipaddress.IPv4Address(int(address) & LOW_32_BITS))
    return carried


def _is_public(address: Address) -> bool:
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special and not any(address in network for network in SPECIAL)


def _plain(host: str) -> str:
    return host.strip().rstrip(".").casefold()
