"""The settings of a contact centre's connection and of its runs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

from apps.core import clock
from apps.core.errors import DomainError
from apps.core.phrases import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

MOST_DAYS = 800
DAY = dt.timedelta(days=1)
Day = tuple[dt.datetime, dt.datetime]  # from midnight to midnight, on the centre's clock
SIGN_INS = ("none", "basic", "path")
LINKS = ("personnel_number", "login", "none")
WRONG = gettext_noop("The option %(name)s cannot be %(value)s.")
NO_SPAN = gettext_noop("The span has to begin before it ends and to have at most %(days)d days.")


@dataclass(frozen=True)
class CentreOptions:
    """How a centre is worked with.

    `poll_s` 0: its present is not asked for. `push_sign_in` says how it proves itself at the status door:
    beside the address list `push_addresses`, by `basic` sign-in, by a secret in the `path`, or not at all.
    """

    poll_s: int = 30
    polls: tuple[str, ...] = ("states", "loads")
    accepts_push: bool = True
    push_addresses: tuple[str, ...] = ()
    push_sign_in: str = "none"
    system_id: str = ""
    creates_queues: bool = False
    link_by: str = "personnel_number"
    ignores_case: bool = True
    step_minutes: int = 15


def centre_options(options: Mapping[str, Any]) -> CentreOptions:
    """Read the options of a connection; raises `DomainError` with the name of one that cannot be."""
    default = CentreOptions()
    return CentreOptions(
        poll_s=_number(options, "poll_s", default.poll_s, 0, 3600),
        polls=_texts(options, "poll", default.polls),
        accepts_push=bool(options.get("push", default.accepts_push)),
        push_addresses=_texts(options, "push_addresses", default.push_addresses),
        push_sign_in=_choice(options, "push_sign_in", default.push_sign_in, SIGN_INS),
        system_id=str(options.get("system_id", default.system_id)),
        creates_queues=bool(options.get("create_queues", default.creates_queues)),
        link_by=_choice(options, "link_by", default.link_by, LINKS),
        ignores_case=bool(options.get("ignore_case", default.ignores_case)),
        step_minutes=_number(options, "step_minutes", default.step_minutes, 5, 60),
    )


def span_of(options: Mapping[str, Any], zone: ZoneInfo) -> Day:
    """Give the days that a run is for, as local midnights of the centre.

    `start` and `end` are dates or instants (the end is not included); else the last `days` and today so far.
    """
    today = clock.now().astimezone(zone).date()
    if options.get("start"):
        first = _day(options, "start", zone)
        last = _day(options, "end", zone) if options.get("end") else today + DAY
    else:
        first = today - DAY * (_number(options, "days", 1, 0, MOST_DAYS))
        last = today + DAY
    if not first < last <= first + DAY * MOST_DAYS:
        raise DomainError(Phrase(NO_SPAN, {"days": MOST_DAYS}))
    return _midnight(first, zone), _midnight(last, zone)


def days_of(
    start: dt.datetime, end: dt.datetime, zone: ZoneInfo
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Give the local days of a span, each from midnight to midnight."""
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day < last:
        yield _midnight(day, zone), _midnight(day + DAY, zone)
        day += DAY


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=zone)


def _day(options: Mapping[str, Any], name: str, zone: ZoneInfo) -> dt.date:
    text = str(options[name])
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise _wrong(name, text) from error
    return moment.date() if moment.tzinfo is None else moment.astimezone(zone).date()


def _number(options: Mapping[str, Any], name: str, default: int, least: int, most: int) -> int:
    value = options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _wrong(name, value)
    return value


def _texts(options: Mapping[str, Any], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value = options.get(name, default)
    if not isinstance(value, list | tuple) or not all(isinstance(text, str) for text in value):
        raise _wrong(name, value)
    return tuple(value)


def _choice(options: Mapping[str, Any], name: str, default: str, choices: tuple[str, ...]) -> str:
    value = options.get(name, default)
    if value not in choices:
        raise _wrong(name, value)
    return str(value)


def _wrong(name: str, value: Any) -> DomainError:
    return DomainError(Phrase(WRONG, {"name": name, "value": str(value)[:60]}))
