"""What holds of every run, whatever chance decides."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.algorithms.intervals import DAY_S
from apps.algorithms.simulation import (
    OPEN,
    WORK,
    AgentPlan,
    Arrivals,
    CentreSimulation,
    Channel,
    Deviations,
    Duty,
    GroupPlan,
    Handling,
    Outcome,
    Patience,
    SimulationError,
    follow_schedule,
)
from apps.algorithms.simulation.duties import shifts_of

HOUR_S = 3600
UNRULY = Deviations(0.1, 0.4, 300, 0.3, 300, 0.5, 200)
SHIFT = ((0, 2, WORK), (2, 2.25, "break"), (2.25, 4, WORK), (4, 5, "lunch"), (5, 9, WORK))


def duties(days: int = 2, begins_h: float = 8) -> tuple[Duty, ...]:
    return tuple(
        Duty(day * DAY_S + (begins_h + start) * HOUR_S, day * DAY_S + (begins_h + end) * HOUR_S, kind)
        for day in range(days)
        for start, end, kind in SHIFT
    )


def group(key: str, channel: Channel = Channel.CALLS, **facts: object) -> GroupPlan:
    plain: dict[str, object] = {
        "arrivals": Arrivals(0, 1800, np.full(96, 12.0)),
        "handling": Handling(150, 30, ring_s=3, hold_share=0.2, hold_s=20, relax_s=2),
        "patience": Patience(60, spread=0.8),
        "customers": 300,
    }
    return GroupPlan(key, channel, **(plain | facts))  # type: ignore[arg-type]


GROUPS = (
    group("first", transfers=(1,), transfer_share=0.1),
    group("second"),
    group("chats", Channel.CHATS, concurrency=3, bot_share=0.2),
    group("mails", Channel.MAILS, patience=Patience()),
)
AGENTS = tuple(
    AgentPlan(f"agent-{number}", groups, duties(begins_h=6 + number % 5))
    for number, groups in enumerate([(0,), (0, 1), (1, 2), (2,), (2, 3), (0, 3), (1,), (0, 1, 2, 3)])
)


def centre(seed: int = 7, start_s: int = 0) -> CentreSimulation:
    return CentreSimulation(GROUPS, AGENTS, start_s=start_s, seed=seed, deviations=UNRULY)


def told(run: CentreSimulation) -> list[list[tuple[float, ...]]]:
    contacts, states, logins = run.contacts(), run.presence.state_table(), run.presence.login_table()
    return [
        sorted(zip(contacts.group, contacts.arrived_s, contacts.ended_s, contacts.agent, strict=True)),
        sorted(zip(states.agent, states.start_s, states.end_s, states.state, strict=True)),
        sorted(zip(logins.agent, logins.login_s, logins.logout_s, strict=True)),
    ]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.floats(0, 2 * DAY_S), max_size=12), st.integers(0, 5))
def test_a_run_does_not_depend_on_its_steps(stops: list[float], seed: int) -> None:
    at_once, in_steps = centre(seed), centre(seed)
    at_once.advance(2 * DAY_S)
    for stop in sorted(stops):
        in_steps.advance(stop)
    in_steps.advance(2 * DAY_S)
    assert told(in_steps) == told(at_once)


def test_the_seed_decides() -> None:
    first, second = centre(1), centre(2)
    first.advance(DAY_S)
    second.advance(DAY_S)
    assert told(first) != told(second)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000), st.floats(0, 2 * DAY_S))
def test_nobody_is_lost(seed: int, until_s: float) -> None:
    """All who ever arrive end, wait or talk: read at any moment against the end."""
    run = centre(seed)
    run.advance(until_s)
    ended = run.contacts()
    going_on = sum(map(len, run.waiting())) + len(run.in_talk())
    run.advance(4 * DAY_S)
    later = run.contacts()
    still_waits = sum(contact.arrives_s <= until_s for waiting in run.waiting() for contact in waiting)
    assert (later.arrived_s <= until_s).sum() + still_waits == len(ended.group) + going_on
    assert not any(map(len, run.waiting()[:3])), "whoever can lose patience has"


def test_states_of_an_agent_partition_each_presence() -> None:
    run = centre()
    run.advance(1.5 * DAY_S)
    states, logins = run.presence.state_table(), run.presence.login_table()
    for agent in range(len(AGENTS)):
        own = sorted(
            zip(states.start_s[states.agent == agent], states.end_s[states.agent == agent], strict=True)
        )
        spans = [[start, end] for start, end in own[:1]]
        for (_, ends), (starts, end) in pairwise(own):
            assert starts >= ends
            if starts == ends:
                spans[-1][1] = end
            else:
                spans.append([starts, end])
        mine = logins.agent == agent
        assert spans == sorted(
            [a, b] for a, b in zip(logins.login_s[mine], logins.logout_s[mine], strict=True)
        )


def test_an_agent_has_one_call_at_a_time_and_chats_up_to_the_limit() -> None:
    run = centre()
    run.advance(2 * DAY_S)
    contacts = run.contacts()
    treated = contacts.outcome == Outcome.TREATED
    for agent in range(len(AGENTS)):
        mine = treated & (contacts.agent == agent)
        ends = contacts.ended_s + contacts.wrap_up_s + contacts.relax_s
        for row in np.flatnonzero(mine):
            at_once = (
                mine & (contacts.answered_s <= contacts.answered_s[row]) & (ends > contacts.answered_s[row])
            )
            most = GROUPS[contacts.group[row]].concurrency
            assert at_once.sum() <= most
            limits = {GROUPS[place].concurrency for place in contacts.group[at_once]}
            assert at_once.sum() == 1 or limits == {3}
    assert (contacts.agent[contacts.outcome == Outcome.CLOSED_BY_BOT] == -1).all()


def test_who_has_waited_longest_of_all_groups_is_next() -> None:
    busy = {"arrivals": Arrivals(0, 1800, np.full(8, 30.0)), "patience": Patience()}
    people = [AgentPlan("one", (0, 1), (Duty(4 * HOUR_S, 2 * DAY_S, WORK),))]
    run = CentreSimulation([group("a", **busy), group("b", **busy)], people, start_s=0, seed=4)
    run.advance(2 * DAY_S)
    contacts = run.contacts()
    arrived = contacts.arrived_s[np.argsort(contacts.answered_s)]
    assert len(set(contacts.group)) == 2
    assert (np.diff(arrived) > 0).all()


def test_who_has_been_free_longest_is_next() -> None:
    calm = {"arrivals": Arrivals(0, 1800, np.full(8, 10.0)), "handling": Handling(30, spread=0.1)}
    people = [AgentPlan(str(number), (0,), (Duty(0, DAY_S, WORK),)) for number in range(5)]
    run = CentreSimulation([group("a", **calm)], people, start_s=0, seed=4)
    run.advance(DAY_S)
    counts = np.bincount(run.contacts().agent)
    assert counts.max() - counts.min() <= 0.2 * counts.max()


def test_transfers_are_contacts_of_their_own() -> None:
    run = centre()
    run.advance(2 * DAY_S)
    contacts = run.contacts()
    first_ends = set(contacts.ended_s[(contacts.group == 0) & (contacts.outcome == Outcome.TREATED)])
    handed_on = (contacts.group == 1) & np.isin(contacts.arrived_s, list(first_ends))
    assert handed_on.sum() == pytest.approx(0.1 * len(first_ends), rel=0.5)


def test_a_duty_that_changes_waits_for_the_contact_at_hand() -> None:
    plan = group("only", arrivals=Arrivals(0, 1800, np.full(48, 60.0)), handling=Handling(600))
    people = [AgentPlan("one", (0,), (Duty(0, HOUR_S, WORK), Duty(HOUR_S, 2 * HOUR_S, "lunch")))]
    run = CentreSimulation([plan], people, start_s=0, seed=3)
    run.presence.is_heard = True
    run.advance(DAY_S)
    changes = run.presence.take_changes()
    assert run.presence.take_changes() == []
    entered = [change for change in changes if change.is_entered]
    assert [change.state for change in entered[-2:]] == ["talk", "lunch"]
    assert entered[-1].at_s > HOUR_S
    assert changes[-1] == changes[-1].__class__(2 * HOUR_S, 0, "lunch", is_entered=False)
    for exit_, enter in zip(changes[1::2], changes[2::2], strict=False):
        assert (exit_.is_entered, enter.is_entered) == (False, True)
        assert exit_.at_s == enter.at_s


def test_what_goes_on_has_an_open_end() -> None:
    run = centre()
    run.advance(12 * HOUR_S)
    states = run.presence.state_table()
    present = states.end_s == OPEN
    assert present.sum() > 3
    assert (states.start_s[present] <= 12 * HOUR_S).all()
    assert len(set(states.agent[present])) == present.sum()


def test_a_late_start_leaves_out_what_was_before() -> None:
    run = centre(start_s=10 * HOUR_S)
    run.advance(DAY_S)
    assert run.contacts().arrived_s.min() >= 10 * HOUR_S
    assert run.presence.state_table().start_s.min() == 10 * HOUR_S


def test_who_keeps_the_schedule_is_where_it_says() -> None:
    planned = duties()
    assert follow_schedule(planned, Deviations(), seed=1, agent=1) == planned
    assert len(list(shifts_of(planned))) == 2


@given(st.integers(0, 10_000), st.integers(0, 300))
def test_deviations_stay_near_the_schedule(seed: int, agent: int) -> None:
    planned = duties()
    kept = follow_schedule(planned, UNRULY, seed=seed, agent=agent)
    assert kept == follow_schedule(planned, UNRULY, seed=seed, agent=agent)
    for earlier, later in pairwise(kept):
        assert earlier.start_s < earlier.end_s <= later.start_s
    for shift in shifts_of(kept):
        whole = [duty for duty in planned if duty.start_s // DAY_S == shift[0].start_s // DAY_S]
        assert whole[0].start_s <= shift[0].start_s < shift[-1].end_s <= whole[-1].end_s


def test_shares_of_deviations_are_as_asked() -> None:
    planned = duties(days=1)
    kept = [follow_schedule(planned, UNRULY, seed=1, agent=agent) for agent in range(2000)]
    came = [own for own in kept if own]
    assert 1 - len(came) / len(kept) == pytest.approx(0.1, abs=0.02)
    late = [own[0].start_s - planned[0].start_s for own in came if own[0].start_s > planned[0].start_s]
    assert len(late) / len(came) == pytest.approx(0.4, abs=0.03)
    assert np.mean(late) == pytest.approx(300, rel=0.1)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Arrivals(0, 7000, np.zeros(3)), "step_s"),
        (lambda: Arrivals(10, 900, np.zeros(3)), "start_s"),
        (lambda: Arrivals(0, 900, np.array([1.0, np.nan])), "interval 1"),
        (lambda: Handling(0), "talk_s"),
        (lambda: group("calls", concurrency=2), "concurrency"),
        (lambda: AgentPlan("a", (0,), (Duty(0, 5, WORK), Duty(4, 9, WORK))), "number 1 of agent a"),
        (lambda: CentreSimulation(GROUPS[1:2], [AgentPlan("a", (1,), ())], start_s=0), "agent a"),
        (lambda: CentreSimulation(GROUPS[:1], [], start_s=0), "group first"),
    ],
)
def test_what_cannot_be_simulated_is_named(make, named: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    with pytest.raises(SimulationError, match=named):
        make()
