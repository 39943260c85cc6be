"""Erlang requirement of a year of quarter hours beside a peer, each head-count checked in exact decimals."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, dataclass
from decimal import Decimal, localcontext
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from apps.algorithms.queueing import ServiceTarget, minimum_agents
from benchmarks.report import print_table, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STEP_S = 900
AHT_S = 184.0
SERVICE_LEVEL = "0.8"
THRESHOLD_S = 20
PATIENCE_S = 240.0
SEED = 20_240
DIGITS = 40
REPEATS = 5
PEER_PACKAGE = "pyworkforce"

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class StaffingFigures:
    intervals: int
    mean_agents: float
    erlang_c_seconds: float
    erlang_a_seconds: float
    peer_sample: int
    peer_sample_seconds: float
    peer_scaled_seconds: float
    times_faster: float
    wrong_against_peer: int
    wrong_against_exact: int


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, write the JSON; 1 if a head-count is wrong."""
    options = _parser().parse_args(argv)
    figures = measure(options.intervals, options.sample)
    _print_figures(figures)
    write_json(options.json, asdict(figures))
    return 1 if figures.wrong_against_peer or figures.wrong_against_exact else 0


def measure(intervals: int, sample: int) -> StaffingFigures:
    """Time ours (best of five runs), the peer on the first `sample` intervals, and check every head-count."""
    rng = np.random.default_rng(SEED)
    calls = rng.uniform(150, 230, intervals) * STEP_S / AHT_S
    load = calls * AHT_S / STEP_S
    target = ServiceTarget(service_level=float(SERVICE_LEVEL), threshold_s=THRESHOLD_S)
    patient_s, agents = _fastest(lambda: minimum_agents(load, aht_s=AHT_S, target=target))
    impatient_s, _ = _fastest(lambda: minimum_agents(load, aht_s=AHT_S, target=target, patience_s=PATIENCE_S))
    started = time.perf_counter()
    peer = _peer_positions(calls[:sample])
    peer_s = time.perf_counter() - started
    scaled_s = peer_s * intervals / len(peer)
    return StaffingFigures(
        intervals=intervals,
        mean_agents=float(agents.mean()),
        erlang_c_seconds=patient_s,
        erlang_a_seconds=impatient_s,
        peer_sample=len(peer),
        peer_sample_seconds=peer_s,
        peer_scaled_seconds=scaled_s,
        times_faster=scaled_s / patient_s,
        wrong_against_peer=int((agents[:sample] != peer).sum()),
        wrong_against_exact=sum(
            not _is_exact_minimum(int(heads), Decimal(float(erlangs)))
            for heads, erlangs in zip(agents, load, strict=True)
        ),
    )


def _fastest(work: Callable[[], IntArray]) -> tuple[float, IntArray]:
    seconds, result = float("inf"), np.zeros(0, dtype=np.int64)
    for _ in range(REPEATS):
        started = time.perf_counter()
        result = work()
        seconds = min(seconds, time.perf_counter() - started)
    return seconds, result


def _peer_positions(calls: FloatArray) -> IntArray:
    erlang_c = import_module(f"{PEER_PACKAGE}.queuing").ErlangC
    found = [
        erlang_c(
            transactions=one, aht=AHT_S / 60, asa=THRESHOLD_S / 60, interval=STEP_S // 60
        ).required_positions(service_level=float(SERVICE_LEVEL))["raw_positions"]
        for one in calls.tolist()
    ]
    return np.array(found, dtype=np.int64)


def _is_exact_minimum(agents: int, load: Decimal) -> bool:
    """Tell whether `agents` keeps the service level and one less does not, in 40 decimal digits."""
    with localcontext() as context:
        context.prec = DIGITS
        inverse = Decimal(1)
        levels = []
        for heads in range(1, agents + 1):
            inverse = 1 + inverse * heads / load
            if heads >= agents - 1:
                levels.append(_exact_service_level(heads, load, 1 / inverse))
        wanted = Decimal(SERVICE_LEVEL)
        return levels[-1] >= wanted and (len(levels) == 1 or levels[0] < wanted)


def _exact_service_level(agents: int, load: Decimal, lost: Decimal) -> Decimal:
    if agents <= load:
        return Decimal(0)
    p_wait = agents * lost / (agents - load * (1 - lost))
    return 1 - p_wait * (-(agents - load) * THRESHOLD_S / Decimal(AHT_S)).exp()


def _print_figures(figures: StaffingFigures) -> None:
    rows = [
        {
            "engine": "ours, Erlang C",
            "seconds": figures.erlang_c_seconds,
            "wrong": figures.wrong_against_exact,
        },
        {"engine": "ours, Erlang A (no peer)", "seconds": figures.erlang_a_seconds},
        {
            "engine": f"{PEER_PACKAGE}, Erlang C (scaled)",
            "seconds": figures.peer_scaled_seconds,
            "wrong": figures.wrong_against_peer,
        },
    ]
    print_table(
        f"Erlang requirement of {figures.intervals} intervals of {STEP_S // 60} min, "
        f"mean {figures.mean_agents:.0f} agents, {SERVICE_LEVEL} in {THRESHOLD_S} s, AHT {AHT_S:.0f} s",
        rows,
    )
    print(
        f"\n{figures.times_faster:.0f} times faster. {PEER_PACKAGE} ran {figures.peer_sample} intervals in "
        f"{figures.peer_sample_seconds:.2f} s, scaled to all; its head-counts are compared one by one.\n"
        f"Each head-count of ours is checked against a recursion in {DIGITS} decimal digits."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks staffing", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument(
        "--intervals", type=int, default=35_040, help="intervals to staff (a year of quarters)"
    )
    parser.add_argument("--sample", type=int, default=2_000, help="intervals the peer runs")
    return parser
