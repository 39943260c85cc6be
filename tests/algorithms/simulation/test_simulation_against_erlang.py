"""A centre simulated for days against the formulas of the steady state."""

import math

import numpy as np
import pytest

from apps.algorithms.intervals import DAY_S
from apps.algorithms.queueing import erlang_a, erlang_c
from apps.algorithms.simulation import (
    WORK,
    AgentPlan,
    Arrivals,
    CentreSimulation,
    Channel,
    Duty,
    GroupPlan,
    Handling,
    Outcome,
    Patience,
)

HOUR_S = 3600
THRESHOLD_S = 20


def run(
    *, agents: int, calls_an_hour: float, talk_s: float, patience_s: float, days: int, concurrency: int = 1
) -> CentreSimulation:
    group = GroupPlan(
        "group",
        Channel.CHATS if concurrency > 1 else Channel.CALLS,
        Arrivals(0, 900, np.full(days * 96, calls_an_hour / 4)),
        Handling(talk_s),
        Patience(patience_s),
        concurrency=concurrency,
    )
    people = [AgentPlan(str(number), (0,), (Duty(0, days * DAY_S, WORK),)) for number in range(agents)]
    centre = CentreSimulation([group], people, start_s=0, seed=20261120)
    centre.advance(days * DAY_S)
    return centre


@pytest.mark.parametrize(
    ("agents", "calls_an_hour", "talk_s", "patience_s"),
    [(20, 360, 180, 60), (20, 360, 180, 400), (8, 200, 200, 120), (30, 400, 180, math.inf)],
)
def test_waits_and_hang_ups_are_those_of_the_formulas(
    agents: int, calls_an_hour: float, talk_s: float, patience_s: float
) -> None:
    contacts = run(
        agents=agents, calls_an_hour=calls_an_hour, talk_s=talk_s, patience_s=patience_s, days=6
    ).contacts()
    load = calls_an_hour * talk_s / HOUR_S
    expected = (
        erlang_c(agents, load, aht_s=talk_s, threshold_s=THRESHOLD_S)
        if math.isinf(patience_s)
        else erlang_a(agents, load, aht_s=talk_s, threshold_s=THRESHOLD_S, patience_s=patience_s)
    )
    answered = contacts.outcome == Outcome.TREATED
    wait_s = np.where(answered, contacts.answered_s, contacts.ended_s) - contacts.arrived_s
    assert (wait_s > 0).mean() == pytest.approx(float(expected.p_wait), abs=0.04)
    assert (answered & (wait_s <= THRESHOLD_S)).mean() == pytest.approx(
        float(expected.service_level), abs=0.03
    )
    assert wait_s.mean() == pytest.approx(float(expected.asa_s), rel=0.15, abs=0.3)
    assert 1 - answered.mean() == pytest.approx(float(expected.p_abandon), abs=0.008)


def test_chats_at_once_are_as_good_as_more_agents() -> None:
    contacts = run(agents=7, calls_an_hour=360, talk_s=180, patience_s=100, days=6, concurrency=3).contacts()
    expected = erlang_a(21, 18, aht_s=180, threshold_s=THRESHOLD_S, patience_s=100)
    answered = contacts.outcome == Outcome.TREATED
    assert 1 - answered.mean() == pytest.approx(float(expected.p_abandon), abs=0.008)


def test_agents_are_as_busy_as_the_load_asks() -> None:
    centre = run(agents=20, calls_an_hour=324, talk_s=180, patience_s=math.inf, days=6)
    states = centre.presence.state_table()
    talking = states.state == centre.presence.states.index("talk")
    ends = np.minimum(states.end_s, centre.now_s)
    busy_s = (ends - states.start_s)[talking].sum()
    assert busy_s / (20 * 6 * DAY_S) == pytest.approx(324 * 180 / HOUR_S / 20, abs=0.01)
