"""Our checks of the settings, beside Django's: what is dangerous or cannot work, and what to set instead."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, register
from django.core.checks import Warning as Danger

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST_TOKEN = 24
OWN_MACHINE = {"", "localhost", "127.0.0.1", "::1"}
ENCRYPTED = {"require", "verify-ca", "verify-full"}
UNSAFE = {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"}
SCRIPT_SOURCES = ("default-src", "script-src")


@register(Tags.compatibility)
def check_ground(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse what would make results wrong anywhere, not in production only."""
    return list(_ground())


@register(Tags.security, deploy=True)
def check_deployment(**_kwargs: Any) -> list[CheckMessage]:
    """Tell what is dangerous where others can reach it."""
    return [*_doors(), *_links(), *_pages()]


def _ground() -> Iterator[CheckMessage]:
    if not settings.USE_TZ or settings.TIME_ZONE != "UTC":
        yield Error(
            "Instants are kept in UTC.", hint="Leave USE_TZ = True and TIME_ZONE = 'UTC'.", id="wfm.E001"
        )
    if settings.HISTORY_KEPT_MONTHS < 0:
        yield Error(
            "HISTORY_KEPT_MONTHS is negative.",
            hint="Give the number of months to keep; 0 keeps everything.",
            id="wfm.E002",
        )
    for network in settings.METRICS_ADDRESSES:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            yield Error(
                f"METRICS_ADDRESSES has no address or network in {network!r}: {error}.",
                hint="Write addresses and networks between commas: 10.0.0.7,10.1.0.0/16.",
                id="wfm.E003",
            )


def _doors() -> Iterator[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS:
        yield Danger(
            "ALLOWED_HOSTS lets in any host name.",
            hint="List the names under which the site is reached: with any name an attacker chooses the "
            "address in links that the site sends.",
            id="wfm.W001",
        )
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < SHORTEST_TOKEN:
        yield Danger(
            f"METRICS_TOKEN is shorter than {SHORTEST_TOKEN} characters.",
            hint="Take a random one: `python -c 'import secrets; print(secrets.token_urlsafe())'`.",
            id="wfm.W002",
        )
    if any(_everybody(network) for network in settings.METRICS_ADDRESSES):
        yield Danger(
            "METRICS_ADDRESSES lets everybody read /metrics.",
            hint="List the monitor's addresses, or use METRICS_TOKEN.",
            id="wfm.W003",
        )
    if settings.LOGGING["root"]["level"] == "DEBUG":
        yield Danger(
            "LOG_LEVEL is DEBUG: libraries then write data of people into the log.",
            hint="Set LOG_LEVEL to INFO or WARNING.",
            id="wfm.W004",
        )


def _everybody(network: str) -> bool:
    try:
        return ipaddress.ip_network(network).prefixlen == 0
    except ValueError:
        return False


def _links() -> Iterator[CheckMessage]:
    database = settings.DATABASES["default"]
    if database["ENGINE"].startswith("wfm."):
        yield Info(
            "The bundled PostgreSQL is used: for one machine only.",
            hint="Set DATABASE_URL for a server of its own.",
            id="wfm.I001",
        )
    elif _elsewhere(str(database["HOST"])) and database.get("OPTIONS", {}).get("sslmode") not in ENCRYPTED:
        yield Danger(
            f"The way to PostgreSQL at {database['HOST']} is not encrypted for certain.",
            hint="Add ?sslmode=verify-full&sslrootcert=… to DATABASE_URL; where the network itself is "
            "trusted, SILENCED_CHECKS=wfm.W005.",
            id="wfm.W005",
        )
    redis = urlsplit(settings.REDIS_URL)
    if redis.scheme != "unix" and _elsewhere(redis.hostname or ""):
        if redis.scheme != "rediss":
            yield Danger(
                f"The way to Redis at {redis.hostname} is not encrypted.",
                hint="Use rediss:// in REDIS_URL; where the network itself is trusted, "
                "SILENCED_CHECKS=wfm.W006.",
                id="wfm.W006",
            )
        if not redis.password:
            yield Danger(
                f"Redis at {redis.hostname} is used without a password.",
                hint="Set requirepass there and write redis(s)://:password@host in REDIS_URL: who reaches "
                "Redis can send tasks.",
                id="wfm.W007",
            )


def _elsewhere(host: str) -> bool:
    return host not in OWN_MACHINE and not host.startswith("/")


def _pages() -> Iterator[CheckMessage]:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    loose = sorted({name for name in SCRIPT_SOURCES if UNSAFE & set(directives.get(name, ()))})
    if loose:
        yield Danger(
            f"The Content-Security-Policy allows foreign or inline scripts ({', '.join(loose)}).",
            hint="Leave both at 'self'.",
            id="wfm.W008",
        )
