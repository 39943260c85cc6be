"""The two real series that the demo ships."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from apps.algorithms.forecasting import Series

DATA = Path(__file__).resolve().parents[3] / "apps" / "demo" / "data"
BANK_FILE = DATA / "bank_calls_2003_5min.csv.gz"


@lru_cache
def bank_2003() -> Series:
    return _read(BANK_FILE, 900)


@lru_cache
def bank_1999() -> Series:
    return _read(DATA / "anonymous_bank_1999_30min.csv.gz", 1800)


def _read(path: Path, step_s: int) -> Series:
    rows = np.genfromtxt(path, delimiter=",", skip_header=1, dtype=None, encoding="utf-8")
    starts = np.array([row[0].replace(" ", "T") for row in rows], dtype="datetime64[s]")
    return Series.from_rows(starts, np.array([float(row[1]) for row in rows]), step_s=step_s)
