"""States come in by every transport, late, twice, disordered, and make one history."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.core import clock
from apps.monitoring.models import AgentEvent, AgentLink, AgentStatus, Source
from apps.monitoring.services import intake
from apps.monitoring.services.intake import Transport
from apps.monitoring.types import PresentState, StateChange
from tests.concurrency import at_once
from tests.monitoring.centre import START, at, current, enter, history, leave, new_source, span

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.monitoring.types import Changes, StateSpan

pytestmark = pytest.mark.django_db


def push(source: str, *changes: StateChange) -> None:
    intake.receive_changes(source, changes, transport=Transport.PUSH)


def test_messages_make_history_and_the_current_state() -> None:
    source = new_source()
    push(source, enter(0, "ready"), leave(60, "ready"), enter(60, "talk"))
    assert history(source) == [("ready", 0, 60), ("talk", 60, None)]
    assert current(source) == ("talk", 60)
    push(source, leave(90, "talk"))
    assert history(source) == [("ready", 0, 60), ("talk", 60, 90)]
    assert current(source) == (None, 90)


def test_a_late_message_opens_history_again() -> None:
    source = new_source()
    push(source, enter(0, "ready"))
    push(source, enter(100, "lunch"))
    push(source, leave(60, "ready"), enter(60, "talk"))
    assert history(source) == [("ready", 0, 60), ("talk", 60, 100), ("lunch", 100, None)]
    assert current(source) == ("lunch", 100)


def test_an_open_status_of_long_ago_is_closed_by_the_next() -> None:
    source = new_source()
    long_ago = -90 * 86_400
    push(source, enter(long_ago, "ready"))
    push(source, enter(0, "talk"))
    assert history(source) == [("ready", long_ago, 0), ("talk", 0, None)]


def test_what_comes_twice_is_one_event() -> None:
    source = new_source()
    first = intake.receive_changes(source, [enter(0, "ready")], transport=Transport.PUSH)
    second = intake.receive_changes(source, [enter(0, "ready")] * 2, transport=Transport.SOCKET)
    assert (first.appended, second.appended, second.repeated) == (1, 0, 2)
    assert AgentEvent.objects.filter(source__code=source).count() == 1


def test_unknown_ids_and_statuses_are_kept_and_reported() -> None:
    source = new_source()
    push(source, enter(0, "ready", agent="new"))
    link = AgentLink.objects.get(source__code=source)
    status = AgentStatus.objects.get(source__code=source)
    assert (link.external_id, link.employee) == ("new", None)
    assert (status.code, status.name, status.is_classified) == ("ready", "Ready", False)


def test_a_row_that_cannot_be_is_named_and_the_others_are_taken() -> None:
    source = new_source()
    received = intake.receive_changes(
        source,
        [enter(0, "ready"), enter(5 * 86_400, "talk", agent="8"), enter(1, "", agent="9")],
        transport=Transport.PUSH,
    )
    assert received.appended == 1
    assert [(fault.subject, fault.field) for fault in received.refused] == [("8", "at"), ("9", "code")]


def test_history_asked_for_again_holds_the_later_answer() -> None:
    source = new_source()
    intake.receive_spans(source, [span(0, 60, "ready"), span(60, 90, "talk")])
    received = intake.receive_spans(source, [span(0, 60, "ready"), span(60, 90, "talk")])
    assert (received.appended, received.repeated) == (0, 2)
    intake.receive_spans(source, [span(0, 40, "ready"), span(60, 90, "lunch")])
    assert history(source) == [("ready", 0, 40), ("lunch", 60, 90)]
    intake.receive_spans(source, [span(60, 90, "talk")])
    assert history(source) == [("ready", 0, 40), ("talk", 60, 90)]


def test_a_status_repeated_for_every_group_is_one() -> None:
    source = new_source()
    intake.receive_spans(source, [span(0, 60, "lunch")] * 3)
    assert history(source) == [("lunch", 0, 60)]


def test_an_open_status_of_a_history_is_closed_when_its_end_is_told() -> None:
    source = new_source()
    intake.receive_spans(source, [span(0, 60, "ready"), span(60, None, "talk")])
    assert current(source) == ("talk", 60)
    intake.receive_spans(source, [span(60, 90, "talk")])
    assert history(source) == [("ready", 0, 60), ("talk", 60, 90)]


def test_a_list_begins_and_ends_states() -> None:
    source = new_source()

    def listed(second: float, *states: PresentState) -> None:
        intake.receive_present(source, states, asked_at=at(second), transport=Transport.POLL)

    listed(30, PresentState("7", "ready", "", at(0)), PresentState("8", "talk", "", at(10)))
    listed(60, PresentState("7", "ready", "", at(0.4)))
    assert history(source, "8") == [("talk", 10, 60)]
    assert history(source) == [("ready", 0, None)]
    listed(90, PresentState("7", "ready", "", at(0)), PresentState("8", "talk", "", at(10)))
    assert history(source, "8") == [("talk", 10, None)], "they were there all the time"


def test_who_came_after_a_list_was_asked_for_has_not_left() -> None:
    source = new_source()
    push(source, enter(61, "ready"))
    intake.receive_present(source, [], asked_at=at(60), transport=Transport.POLL)
    assert current(source) == ("ready", 61)


def test_listeners_hear_of_changes_after_the_commit(
    django_capture_on_commit_callbacks: Any,
) -> None:
    source = new_source()
    heard: list[Changes] = []
    intake.on_change(heard.append)
    with django_capture_on_commit_callbacks(execute=True):
        push(source, enter(0, "ready"))
        assert not heard
    with django_capture_on_commit_callbacks(execute=True):
        push(source, enter(0, "ready"))
    agent = AgentLink.objects.get(source__code=source)
    assert [change for change in heard if change.source == source] == [
        type(heard[0])(source, agents=(agent.pk,))
    ]


def test_a_clock_ahead_is_found_out_and_corrected() -> None:
    source = new_source()
    now = clock.now()
    ahead = dt.timedelta(minutes=5)
    for second in range(-8, 0):
        moment = now + dt.timedelta(seconds=second)
        push(source, StateChange("7", f"s{second}", "", moment + ahead, entered=True))
    row = Source.objects.get(code=source)
    assert row.clock_offset_ms / 1000 == pytest.approx(300, abs=10)
    assert row.clock_offset_since is not None
    _code, since = current(source)
    assert since <= (clock.now() - START).total_seconds() + 2


def test_one_message_from_the_future_is_held_to_its_arrival_and_shifts_nobody() -> None:
    source = new_source()
    push(source, StateChange("7", "ready", "", clock.now() + dt.timedelta(hours=3), entered=True))
    assert Source.objects.get(code=source).clock_offset_ms == 0
    _code, since = current(source)
    assert since == pytest.approx((clock.now() - START).total_seconds(), abs=30)


def test_a_clock_behind_is_known_by_the_time_that_the_source_tells() -> None:
    source = new_source()
    now = clock.now()
    for _reading in range(3):
        intake.receive_clock(source, now - dt.timedelta(minutes=2), now)
    push(source, StateChange("7", "ready", "", at(-120), entered=True))
    assert current(source) == ("ready", 0)
    for _reading in range(3):
        intake.receive_clock(source, now, now)
    assert Source.objects.get(code=source).clock_offset_ms == 0


def test_the_date_of_an_answer_counts_while_it_is_off() -> None:
    source, behind = new_source(), dt.timedelta(minutes=2)
    now = clock.now()
    for _reading in range(3):
        intake.receive_date(source, now, now)
    assert Source.objects.get(code=source).clock_readings_ms == [], "it may be the clock of a proxy"
    for _reading in range(3):
        intake.receive_date(source, now - behind, now)
    assert Source.objects.get(code=source).clock_offset_ms == -120_000
    intake.receive_date(source, now - dt.timedelta(days=300), now)
    for _reading in range(3):
        intake.receive_date(source, now, now)
    assert Source.objects.get(code=source).clock_offset_ms == 0


codes = st.sampled_from(["ready", "talk", "lunch"])
seconds = st.integers(0, 40)
lengths = st.integers(1, 20)
anything = st.one_of(
    st.builds(enter, seconds, codes),
    st.builds(leave, seconds, codes),
    st.builds(lambda start, length, code: span(start, start + length, code), seconds, lengths, codes),
)


@example(
    [
        [enter(39, "ready"), enter(21, "lunch"), enter(0, "ready")],
        [enter(21, "ready"), enter(0, "ready")],
        [enter(21, "lunch")],
    ]
)
@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(anything, min_size=1, max_size=5), min_size=1, max_size=6))
def test_deliveries_make_the_history_that_one_delivery_of_all_would(
    deliveries: list[list[StateChange | StateSpan]],
) -> None:
    apart, whole = new_source(), new_source()
    for delivery in deliveries:
        deliver(apart, delivery)
    everything = [row for delivery in deliveries for row in delivery]
    deliver(whole, everything)
    assert history(apart) == history(whole)
    assert current(apart) == current(whole)


def deliver(source: str, rows: list[StateChange | StateSpan]) -> None:
    """Deliver what a list holds; of spans that begin together the last is the answer, as by asking again."""
    changes = [row for row in rows if isinstance(row, StateChange)]
    spans = [row for row in rows if not isinstance(row, StateChange)]
    if changes:
        intake.receive_changes(source, changes, transport=Transport.PUSH)
    for one in spans:
        intake.receive_spans(source, [one])


@pytest.mark.django_db(transaction=True)
def test_doors_that_are_busy_at_once_lose_nothing() -> None:
    source = new_source()

    def door(first: int) -> Callable[[], None]:
        def send() -> None:
            for second in range(first, 60, 4):
                changes = [leave(second, str(second - 1)), enter(second, str(second))]
                intake.accept_changes(source, changes, transport=Transport.PUSH)

        return send

    results = at_once(*[door(first) for first in (1, 2, 3, 4)])
    assert results == [None] * 4
    assert intake.apply_pending(source) == 0
    assert history(source) == [
        (str(second), second, second + 1 if second < 59 else None) for second in range(1, 60)
    ]


@pytest.mark.django_db(transaction=True)
def test_what_a_dead_process_left_is_found_by_the_sweep() -> None:
    source = new_source()
    with transaction.atomic():
        intake.accept_changes(source, [enter(0, "ready")], transport=Transport.PUSH)
        transaction.get_connection().run_on_commit.clear()
    assert history(source) == []
    assert intake.apply_pending(source) == 1
    assert history(source) == [("ready", 0, None)]
