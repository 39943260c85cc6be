"""Reading variables: what cannot be meant is refused in one line that names it and what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from environ import Env

LONGEST_SHOWN = 40
MOST_NUMBER = 100_000
MOST_MONTHS = 1_200
MOST_CONNECTIONS = 1_000
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
DATABASE_SCHEMES = ("postgres", "postgresql")
REDIS_SCHEMES = ("redis", "rediss", "unix")


def number(env: Env, name: str, *, default: int, most: int = MOST_NUMBER) -> int:
    """Give a whole number from 0 to `most`; raises `ImproperlyConfigured`."""
    text = env(name, default="").strip()
    if not text:
        return default
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if not digits or int(text) > most:
        raise ImproperlyConfigured(f"{name} is {_shown(text)}: give a whole number from 0 to {most}.")
    return int(text)


def log_level(env: Env, *, default: str) -> str:
    """Give `LOG_LEVEL`; raises `ImproperlyConfigured`."""
    text = env("LOG_LEVEL", default="").strip()
    if text and text.upper() not in LOG_LEVELS:
        raise ImproperlyConfigured(f"LOG_LEVEL is {_shown(text)}: give one of {', '.join(LOG_LEVELS)}.")
    return text.upper() or default


def refuse_wrong_addresses(env: Env) -> None:
    """Raise `ImproperlyConfigured` for a `DATABASE_URL` or `REDIS_URL` that the product cannot use."""
    _refuse(env, "DATABASE_URL", DATABASE_SCHEMES, "postgres://user:password@host:5432/name")
    _refuse(env, "REDIS_URL", REDIS_SCHEMES, "redis://host:6379/0 or unix:///path/redis.sock")


def _refuse(env: Env, name: str, schemes: tuple[str, ...], sample: str) -> None:
    text = env(name, default="")
    if not text:
        return
    try:
        parts = urlsplit(text)
        wrong = "" if parts.scheme in schemes and parts.port != 0 else _kind(text)
    except ValueError:  # its message may show a part of the password
        wrong = "is no address, or its port no number"
    if wrong:
        allowed = ", ".join(f"{scheme}://" for scheme in schemes)
        raise ImproperlyConfigured(f"{name} {wrong}: give one that begins with {allowed}, as {sample}.")


def _kind(text: str) -> str:
    """Tell of an address only what is no secret: it may hold a password."""
    scheme, separator, _rest = text.partition("://")
    if separator:
        return f"begins with {_shown(scheme + separator)}"
    return f"is {_shown(text)}" if "@" not in text else "is no address"


def _shown(text: str) -> str:
    return repr(text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…")
