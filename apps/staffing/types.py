"""Requirements as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
TimeArray = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class RequirementArrays:
    """Points of a version in order of time, shape (n,).

    `load_erl` is the offered load, `positions` the agents on line by the queueing model, `required` adds
    minimum, reserve and unplanned absence.
    """

    starts: TimeArray
    step_s: int
    load_erl: FloatArray
    positions: IntArray
    required: IntArray


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds in each interval, shape (n,); `patience_s` is infinite where nobody hangs up (Erlang C).

    `stamp` holds the targets and coefficients that were found, as a version keeps them.
    """

    service_level: FloatArray
    answer_within_s: FloatArray
    max_occupancy: FloatArray
    patience_s: FloatArray
    minimum_agents: FloatArray
    reserve: FloatArray
    absenteeism: FloatArray
    is_open: BoolArray
    stamp: list[dict[str, Any]]
