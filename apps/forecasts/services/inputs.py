"""Loading: everything that a forecast is computed from, in a handful of queries."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.core.errors import DomainError
from apps.core.phrases import Phrase
from apps.demand.selectors import local_history, shifted_spans, special_days_of, told_days
from apps.forecasts.services.special_days import (
    find_special_days,
    known_country,
    without_events,
    without_told_days,
)
from apps.forecasts.types import Inputs
from apps.organization.selectors import open_slots

if TYPE_CHECKING:
    from apps.forecasts.types import ForecastRequest
    from apps.organization.models import Queue

HISTORY_DAYS = 1200  # models use the last three years of it
LONGEST_SPAN_DAYS = 366


def load_inputs(request: ForecastRequest, queue: Queue) -> Inputs:
    """Load the history before the span, its special days and the queue's hours.

    Raises `DomainError` when the request makes no sense or there is no history before the span.
    """
    check_request(request)
    since = request.start - dt.timedelta(days=HISTORY_DAYS)
    history = local_history(queue.pk, queue.time_zone, since, request.start, queue.step_minutes * 60)
    if history is None:
        raise DomainError(
            Phrase(
                gettext_noop(
                    "The queue %(queue)s has no history before %(day)s: import at least two weeks of it."
                ),
                {"queue": str(queue), "day": request.start.isoformat()},
            )
        )
    shifted = shifted_spans(queue.pk, queue.time_zone, since, request.start)
    last = request.end - dt.timedelta(days=1)
    country = (request.holidays_country or "").upper() or None
    events = tuple(special_days_of(queue, since, request.end))
    found = find_special_days(queue, history, shifted, (request.start, last), country)
    return Inputs(
        zone=queue.time_zone,
        step_s=queue.step_minutes * 60,
        history=without_events(history, events),
        history_start=since,
        special_days=without_told_days(found, told_days(events, since, request.end)),
        events=events,
        opening=open_slots(queue, history.step_s) if queue.opening_hours.exists() else None,
        weeks_shifted=tuple(sorted({span.weeks for span in shifted})),
    )


def check_request(request: ForecastRequest) -> None:
    """Refuse, by field, what makes no sense whatever the history."""
    if request.end <= request.start:
        raise DomainError(_("The span ends before it begins."), fields={"end": [_("After the first day.")]})
    if (request.end - request.start).days > LONGEST_SPAN_DAYS:
        raise DomainError(
            _("A forecast spans %(days)d days at most.") % {"days": LONGEST_SPAN_DAYS},
            fields={"end": [_("Too far from the first day.")]},
        )
    if not 0 < request.level < 1:
        raise DomainError(
            _("The level of the band lies between 0 and 1."), fields={"level": [_("Between 0 and 1.")]}
        )
    if request.assumed_aht_s is not None and not 0 < request.assumed_aht_s <= 86_400:  # noqa: PLR2004 - a day
        raise DomainError(
            _("The assumed AHT lies between 0 and 86,400 seconds."),
            fields={"assumed_aht_s": [_("Between 0 and 86,400 seconds.")]},
        )
    if request.holidays_country:
        known_country(request.holidays_country.upper(), request.start.year)
