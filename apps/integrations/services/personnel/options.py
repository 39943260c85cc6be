"""How a connection to 1C wants people taken over; see `docs/onec.md` for each option."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

AUTO, ASK = "auto", "ask"
EXTERNAL_ID, PERSONNEL_NUMBER, LOGIN = "external_id", "personnel_number", "login"
WRONG = gettext_noop("The option %(name)s of the connection is not valid: %(value)s.")


@dataclass(frozen=True)
class PersonnelOptions:
    """Attributes
    ----------
    apply
        "auto" applies a plan at once unless something speaks against it, "ask" always waits for a person.
    vanish_limit_percent
        From this share of vanished people on, a person decides.
    match_by, ignore_case
        By what somebody not linked yet is found among the employees, beside the external id.
    is_master
        Whether this system's data win; else it only brings new people.
    create_accounts
        Whether a login that nobody has becomes an account.
    default_department, default_position, default_site
        Names for new people of whom 1C does not say it.
    site_zones
        The zone of a site that is not there yet, by its name.

    """  # noqa: D205 - the class needs no other words

    apply: str = AUTO
    vanish_limit_percent: float = 10
    match_by: str = EXTERNAL_ID
    ignore_case: bool = True
    is_master: bool = True
    create_accounts: bool = False
    default_department: str = ""
    default_position: str = ""
    default_site: str = ""
    site_zones: Mapping[str, str] = field(default_factory=dict)


_CHOICES = {"apply": (AUTO, ASK), "match_by": (EXTERNAL_ID, PERSONNEL_NUMBER, LOGIN)}
_FLAGS = ("ignore_case", "is_master", "create_accounts")
_TEXTS = ("default_department", "default_position", "default_site")
MOST_PERCENT = 100


def read_options(*sources: Mapping[str, Any]) -> PersonnelOptions:
    """Read options; a later source wins. Raises `ConfigurationError` naming the one that is wrong."""
    given: dict[str, Any] = {}
    for source in sources:
        given |= {name: source[name] for name in PersonnelOptions.__dataclass_fields__ if name in source}
    for name, value in given.items():
        if not _is_valid(name, value):
            told = {"name": name, "value": str(value)[:100]}
            raise ConfigurationError(Phrase(WRONG, told), sent=False)
    return PersonnelOptions(**given)


def _is_valid(name: str, value: Any) -> bool:
    if name in _CHOICES:
        return value in _CHOICES[name]
    if name in _FLAGS:
        return isinstance(value, bool)
    if name in _TEXTS:
        return isinstance(value, str)
    if name == "vanish_limit_percent":
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and 0 <= value <= MOST_PERCENT
    return isinstance(value, dict) and all(_is_zone(zone) for zone in value.values())


def _is_zone(name: Any) -> bool:
    try:
        ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True
