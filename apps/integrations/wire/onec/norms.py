"""`getNormHours`: weekly norms of people out, their norms by month, quarter or year back."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.errors import RefusedError
from apps.integrations.wire.client import call
from apps.integrations.wire.onec.calls import refuse_gateway
from apps.integrations.wire.onec.fields import NOT_AN_OBJECT, FieldError, Row
from apps.integrations.wire.onec.people import BadRow
from apps.integrations.wire.onec.reading_rows import ID_CHARS, place_of, refuse_shape, skipped
from apps.integrations.wire.reading import read_json
from apps.integrations.wire.statuses import status_error

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from apps.integrations.types import Access
    from apps.integrations.wire.answers import Answer

METHOD = "getNormHours"
HOUR_S = 3600
HOUR_MINUTES = 60
YEAR_HOURS = 24 * 366
LAST_BEFORE_FIRST = gettext_noop("The last day lies before the first one.")
REFUSED = gettext_noop("1C cannot give the norms. It says: %(said)s")


@dataclass(frozen=True)
class WeekNorm:
    """A weekly norm and the day from which it holds; of the first one the day may be before the period."""

    since: dt.date
    minutes: int


@dataclass(frozen=True)
class OneCNorm:
    """What a person owes from `first` to `last`, both included."""

    agent_id: str
    first: dt.date
    last: dt.date
    seconds: int


@dataclass(frozen=True)
class NormsAnswer:
    """The rows of an answer, and those that were skipped."""

    norms: tuple[OneCNorm, ...]
    bad_rows: tuple[BadRow, ...]


def fetch_norms(
    access: Access,
    days: tuple[dt.date, dt.date],
    mode: str,
    people: Mapping[str, Sequence[WeekNorm]],
    *,
    session_id: UUID,
) -> NormsAnswer:
    """Ask for the norms of people (weekly norms by agent id) from the first of `days` to the last.

    `mode` is "month", "quarter" or "year". Raises `RefusedError` with what 1C says when it cannot (a calendar
    that is not filled), which asking again does not change, and the rest of the `ExchangeError` family.
    """
    refuse_gateway(access, METHOD)
    answer = call(
        access,
        "POST",
        METHOD,
        endpoint=METHOD,
        session_id=session_id,
        json=_request(days, mode, people),
        accept_status=(HTTPStatus.OK, HTTPStatus.INTERNAL_SERVER_ERROR),
    )
    if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        raise _refusal(access, answer)
    return read_norms(read_json(answer))


def read_norms(body: Any) -> NormsAnswer:
    """Read the parsed JSON of an answer; `PoisonError` for what is no list."""
    if not isinstance(body, list):
        raise refuse_shape("[{agentId, normHours, startDate, endDate}]")
    found: list[OneCNorm] = []
    bad: list[BadRow] = []
    for number, item in enumerate(body, 1):
        if not isinstance(item, dict):
            bad.append(BadRow(place_of(number), "", Phrase(NOT_AN_OBJECT)))
            continue
        row = Row(item)
        try:
            found.append(_norm(row))
        except FieldError as error:
            bad.append(skipped(row, number, error))
    return NormsAnswer(tuple(found), tuple(bad))


def _norm(row: Row) -> OneCNorm:
    first, last = row.day("startDate", required=True), row.day("endDate", required=True)
    hours = row.number("normHours", least=0, most=YEAR_HOURS, required=True)
    if first is None or last is None or hours is None or last < first:
        raise FieldError("endDate", Phrase(LAST_BEFORE_FIRST))
    return OneCNorm(row.text("agentId", most=ID_CHARS, required=True), first, last, round(hours * HOUR_S))


def _request(
    days: tuple[dt.date, dt.date], mode: str, people: Mapping[str, Sequence[WeekNorm]]
) -> dict[str, Any]:
    return {
        "startDate": days[0].isoformat(),
        "endDate": days[1].isoformat(),
        "calculationMode": mode,
        "AR_agents": [
            {
                "agentId": agent_id,
                "AR_norms": [
                    {"normWeek": _hours(norm.minutes), "changeDate": norm.since.isoformat()} for norm in norms
                ],
            }
            for agent_id, norms in people.items()
        ],
    }


def _hours(minutes: int) -> int | float:
    hours, rest = divmod(minutes, HOUR_MINUTES)
    return round(minutes / HOUR_MINUTES, 4) if rest else hours


def _refusal(access: Access, answer: Answer) -> Exception:
    """Tell a sentence of 1C from a page of its web server: the first stays so, the second may pass."""
    is_page = "html" in answer.headers.get("content-type", "") or answer.body.lstrip()[:1] == b"<"
    error = status_error(answer.status, answer.headers, answer.body, access.base_url)
    return error if is_page else RefusedError(Phrase(REFUSED, {"said": error.detail}), status=answer.status)
