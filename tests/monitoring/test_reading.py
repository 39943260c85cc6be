"""What the other apps read of it: time in statuses, feeds, snapshots, unknown ids."""

from __future__ import annotations

import datetime as dt

import pytest

from apps.core import clock
from apps.demand.selectors import history_series
from apps.monitoring import selectors
from apps.monitoring.models import AgentLink, AgentStatus, GroupInterval, QueueLink
from apps.monitoring.services import intake
from apps.monitoring.services.intake import FeedState, Transport
from apps.monitoring.services.linking import note_link_by_hand
from apps.monitoring.services.taking_history import take_due_history, take_history
from apps.monitoring.types import AgentContact, AgentLogin, ChatWork, QueueLoad
from apps.monitoring.types import GroupInterval as Told
from tests.factories.organization import make_employee, make_queue
from tests.monitoring.centre import START, at, new_source, span

pytestmark = pytest.mark.django_db

DAY = dt.datetime(2026, 11, 16, 21, tzinfo=dt.UTC)  # Moscow midnight


def test_time_in_two_systems_at_once_counts_once() -> None:
    """10:00–10:20 in one system and 10:10–10:30 in another: 30 minutes, by the rule of directories."""
    person = make_employee()
    one, other = new_source(), new_source()
    intake.receive_spans(one, [span(0, 1200, "talk")])
    intake.receive_spans(other, [span(600, 1800, "chat"), span(1800, 2000, "rest")])
    AgentLink.objects.filter(source__code__in=[one, other]).update(employee=person)
    AgentStatus.objects.filter(code__in=["talk", "chat"]).update(is_productive=True)
    hour = at(0), at(3600)
    assert selectors.worked_ms([person.pk], *hour, flag="is_productive") == {person.pk: 30 * 60_000}
    assert selectors.worked_ms([person.pk], *hour) == {person.pk: 2_000_000}
    assert selectors.worked_ms([person.pk], at(600), at(700), flag="is_productive") == {person.pk: 100_000}
    with pytest.raises(ValueError, match="no class"):
        selectors.worked_ms([person.pk], *hour, flag="is_magic")


def test_parallel_chats_over_midnight_count_once_and_to_the_end_of_the_day() -> None:
    """22:45–23:02 and 22:58–00:12 are 75 minutes of the first day (contract of chat work time)."""
    source = new_source()

    def chat(first: str, last: str) -> AgentContact:
        start, end = dt.datetime.fromisoformat(f"{first}+03:00"), dt.datetime.fromisoformat(f"{last}+03:00")
        return AgentContact("7", "g", "s", start, end)

    chats = [
        chat("2026-11-17T22:45", "2026-11-17T23:02"),
        chat("2026-11-17T22:58", "2026-11-18T00:12"),
    ]
    intake.receive_contacts(source, chats)
    agent = AgentLink.objects.get(source__code=source).pk
    midnight = DAY + dt.timedelta(days=1)
    assert selectors.in_contacts_ms([agent], DAY, midnight) == {agent: 4_500_000}
    assert selectors.in_contacts_ms([agent], midnight, midnight + dt.timedelta(days=1)) == {agent: 720_000}


def test_a_feed_is_stale_after_five_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    source = new_source()
    intake.heard(source, transport=Transport.SOCKET)
    intake.set_feed_state(source, transport=Transport.SOCKET, state=FeedState.FALLBACK)
    (age,) = selectors.feed_ages([source])
    assert (age.transport, age.state, age.is_stale) == ("socket", "fallback", False)
    later = clock.now() + dt.timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: later)
    (age,) = selectors.feed_ages([source])
    assert age.is_stale
    assert list(selectors.newest_data([source])) == [source]


def test_the_newest_snapshot_of_each_group_is_what_is_now() -> None:
    source = new_source()
    for second, waiting in ((0, 3), (30, 5)):
        intake.receive_loads(
            source,
            [QueueLoad("g1", "s", waiting, 2), QueueLoad("g2", "s", 0, 1, acd_percent=87.5)],
            at=at(second),
            transport=Transport.POLL,
        )
    loads = selectors.latest_loads(after=START - dt.timedelta(hours=1), source=source)
    assert {load.group.external_id: load.waiting for load in loads} == {"g1": 5, "g2": 0}


def test_what_nobody_has_given_a_meaning_is_listed() -> None:
    source = new_source()
    intake.receive_spans(source, [span(0, 60, "odd")])
    intake.receive_loads(source, [QueueLoad("g", "s", 0, 0)], at=at(0), transport=Transport.POLL)
    unknown = selectors.unknown_ids(source=source)
    assert [rows.count() for rows in (unknown.agents, unknown.groups, unknown.statuses)] == [1, 1, 1]
    AgentLink.objects.filter(source__code=source).update(employee=make_employee())
    assert selectors.unknown_ids(source=source).agents.count() == 0


def test_logins_contacts_and_chat_time_are_kept_once() -> None:
    source = new_source()
    for end in (None, at(900)):
        intake.receive_logins(source, [AgentLogin("7", at(0), end)])
    chat = AgentContact("7", "g", "s", at(0), at(60))
    parallel = AgentContact("7", "g", "s", at(0), at(90))
    first = intake.receive_contacts(source, [chat, parallel, chat])
    again = intake.receive_contacts(source, [parallel, chat])
    assert (first.appended, again.appended, again.repeated) == (2, 0, 2)
    work = ChatWork("7", START.date(), 4_500_000)
    assert intake.receive_chat_work(source, [work]).appended == 1
    assert intake.receive_chat_work(source, [work]).repeated == 1
    bad = intake.receive_logins(source, [AgentLogin("7", at(10), at(0))])
    assert [fault.field for fault in bad.refused] == ["end"]


def told(minute: int, received: int, aht_ms: int = 100_000, wrap_ms: int = 20_000) -> Told:
    start = DAY + dt.timedelta(minutes=minute)
    return Told("g", "s", start, start + dt.timedelta(minutes=15), received, received, 0, aht_ms, wrap_ms)


def test_intervals_of_a_linked_group_become_history_and_missing_ones_are_empty() -> None:
    source, queue = new_source(), make_queue()
    intake.receive_group_intervals(source, [told(0, 4), told(30, 2)])
    link = QueueLink.objects.get(source__code=source)
    link.queue = queue
    link.save()
    hour = DAY, DAY + dt.timedelta(hours=1)
    written, problems = take_history(links=[link], start=hour[0], end=hour[1], step_s=900, actor=None)
    assert (written, problems) == (4, [])
    series = history_series(queue.pk, *hour, 900)
    assert series.offered.tolist() == [4, 0, 2, 0]
    assert series.handle_s[[0, 2]].tolist() == [480, 240], "handle time includes the wrap-up"
    assert take_history(links=[link], start=hour[0], end=hour[1], step_s=900, actor=None) == (0, [])


def test_a_later_answer_replaces_an_interval() -> None:
    source = new_source()
    assert intake.receive_group_intervals(source, [told(0, 4)]).appended == 1
    assert intake.receive_group_intervals(source, [told(0, 4)]).repeated == 1
    assert intake.receive_group_intervals(source, [told(0, 5)]).appended == 1
    assert GroupInterval.objects.get(group__source__code=source).received == 5


def test_what_came_before_a_group_was_linked_follows_it() -> None:
    source, queue = new_source(), make_queue()
    intake.receive_group_intervals(source, [told(0, 4)])
    link = QueueLink.objects.get(source__code=source)
    link.queue = queue
    note_link_by_hand(link, changed=["queue"])
    link.save()
    assert take_due_history() == 1
    assert history_series(queue.pk, DAY, DAY + dt.timedelta(minutes=15), 900).offered.tolist() == [4]
    assert take_due_history() == 0
