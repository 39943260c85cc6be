"""Runs that ask a centre for its past, day by day; asked again they change only what has changed there."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from apps.accounts.selectors import acting_user
from apps.core import clock
from apps.core.phrases import Phrase
from apps.integrations.choices import System
from apps.integrations.models import Run
from apps.integrations.registry import run_purpose
from apps.integrations.services.access import access_of
from apps.integrations.services.centre.options import DAY, centre_options, days_of, span_of
from apps.integrations.services.centre.reporting import add_up, note
from apps.integrations.wire.centre import asking
from apps.monitoring.models import AgentLink, QueueLink
from apps.monitoring.services import intake
from apps.monitoring.services.taking_history import take_history

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from apps.integrations.types import Access, RunInHand
    from apps.integrations.wire.centre.rows import Told
    from apps.monitoring.types import Received

    Ask = Callable[..., Told[Any]]
    Receive = Callable[[str, Sequence[Any]], Received]

DAYS_AT_ONCE = 28  # of history that is taken over in one import of each queue
ASKING = gettext_noop("Asking for %(day)s")
_DONE = "done_until"


@run_purpose("centre.history", system=System.CONTACT_CENTRE, label=_("History of contacts"))
def ask_history(run: RunInHand) -> None:
    """Ask for contacts by interval and take them into the history of the queues.

    A run that was killed goes on from the day that it had come to.
    """
    access = access_of(run.connection_id)
    waiting: list[tuple[dt.datetime, dt.datetime]] = []
    for day in _days(run, access):
        for step_s, groups in _groups_by_step(access).items():
            ids = [link.external_id for link in groups]
            told = asking.ask_group_intervals(access, *day, step_s * 1000, ids, session_id=run.session_id)
            note(run, told.problems)
            add_up(run, intake.receive_group_intervals(access.code, told.rows))
        waiting.append(day)
        if len(waiting) == DAYS_AT_ONCE:
            _take(run, access, waiting)
    _take(run, access, waiting)


def _take(run: RunInHand, access: Access, days: list[tuple[dt.datetime, dt.datetime]]) -> None:
    """Take the days over into the queues' history, and remember how far the run has come."""
    if not days:
        return
    start, end = days[0][0], days[-1][1]
    for step_s, links in _groups_by_step(access).items():
        linked = [link for link in links if link.queue_id is not None]
        written, problems = take_history(
            links=linked, start=start, end=end, step_s=step_s, actor=acting_user(run.actor_id)
        )
        run.counts["intervals"] = run.counts.get("intervals", 0) + written
        note(run, problems)
    _remember(run, end)
    days.clear()


def _groups_by_step(access: Access) -> dict[int, list[QueueLink]]:
    """Give the groups of a centre by the length of their intervals; none known: all, by the usual length."""
    usual = centre_options(access.options).step_minutes
    groups: dict[int, list[QueueLink]] = {}
    for link in QueueLink.objects.filter(source__code=access.code, is_listed=True).select_related(
        "queue", "source"
    ):
        minutes = link.queue.step_minutes if link.queue else usual
        groups.setdefault(minutes * 60, []).append(link)
    return groups or {usual * 60: []}


@run_purpose("centre.states", system=System.CONTACT_CENTRE, label=_("Statuses of agents"))
def ask_states(run: RunInHand) -> None:
    """Ask for statuses, a day more on both sides: one that lasts longer than the window is not answered."""
    _ask_of_agents(run, asking.ask_states, intake.receive_spans, margin=DAY)


@run_purpose("centre.logins", system=System.CONTACT_CENTRE, label=_("Logins of agents"))
def ask_logins(run: RunInHand) -> None:
    """Ask for logins, with the same margin."""
    _ask_of_agents(run, asking.ask_logins, intake.receive_logins, margin=DAY)


@run_purpose("centre.calls", system=System.CONTACT_CENTRE, label=_("Contacts of agents"))
def ask_contacts(run: RunInHand) -> None:
    """Ask for the contacts of agents."""
    _ask_of_agents(run, asking.ask_contacts, intake.receive_contacts)


@run_purpose("centre.chats", system=System.CONTACT_CENTRE, label=_("Time of agents in chats"))
def ask_chats(run: RunInHand) -> None:
    """Ask for time in chats by day."""
    _ask_of_agents(run, asking.ask_chat_work, intake.receive_chat_work)


def _ask_of_agents(
    run: RunInHand, ask: Ask, receive: Receive, *, margin: dt.timedelta = dt.timedelta(0)
) -> None:
    """Ask for the days of a run, at most 100 agents at once; the margin lies around the whole span only."""
    access = access_of(run.connection_id)
    agents = list(
        AgentLink.objects.filter(source__code=access.code, is_listed=True)
        .order_by("external_id")
        .values_list("external_id", flat=True)
    )
    for start, end in _days(run, access, margin=margin):
        for begin in range(0, max(len(agents), 1), asking.MOST_IDS):
            part = agents[begin : begin + asking.MOST_IDS]
            told = ask(access, start, end, part, session_id=run.session_id)
            note(run, told.problems)
            add_up(run, receive(access.code, told.rows))
            run.check_cancelled()
        _remember(run, end)


def _days(
    run: RunInHand, access: Access, *, margin: dt.timedelta = dt.timedelta(0)
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Give the days that are still to be asked for, telling how far the run is."""
    zone = ZoneInfo(access.time_zone)
    first, last = span_of(run.options, zone)
    held = Run.objects.get(pk=run.run_id)
    done = held.plan.get(_DONE)
    if done:
        run.counts, run.problems = held.counts, held.problems
    now = clock.now()
    for start, end in days_of(first - margin, last + margin, zone):
        if (done and end <= dt.datetime.fromisoformat(done)) or start > now:
            continue
        run.check_cancelled()
        share = (start - first) / (last - first)
        run.progress(min(max(share, 0.0), 1.0), Phrase(ASKING, {"day": f"{start:%Y-%m-%d}"}))
        yield start, end


def _remember(run: RunInHand, until: dt.datetime) -> None:
    run_row = Run.objects.filter(pk=run.run_id)
    run_row.update(plan={_DONE: until.isoformat()}, counts=run.counts, problems=run.problems)
