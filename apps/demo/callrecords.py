"""What the file of single calls tells: mean handle time, its spread, mean patience."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.staffing import estimate_patience, mean_handle_time
from apps.demo.blueprint import CALL_FILE, DATA

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_CALL_S = 3600  # a longer record is a line left open


@dataclass(frozen=True)
class CallFacts:
    """`handle_times_s` are those of answered calls up to an hour, scaled so that their mean is `aht_s`."""

    aht_s: float
    patience_s: float
    answered: int
    handle_times_s: NDArray[np.float64]


def read_call_facts() -> CallFacts:
    """Estimate from the calls of August 1999; patience from those who waited in the queue."""
    with gzip.open(DATA / CALL_FILE, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    is_answered = np.array([row["outcome"] == "AGENT" for row in rows])
    service_s = np.array([float(row["service_s"]) for row in rows])[is_answered]
    wait_s = np.array([float(row["q_time_s"]) for row in rows])
    has_waited = wait_s > 0
    aht_s = mean_handle_time(service_s)
    usual_s = service_s[service_s <= LONGEST_CALL_S]
    return CallFacts(
        aht_s=aht_s,
        patience_s=estimate_patience(wait_s[has_waited], ~is_answered[has_waited]),
        answered=int(is_answered.sum()),
        handle_times_s=usual_s * (aht_s / usual_s.mean()),
    )
