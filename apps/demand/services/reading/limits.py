"""How much a file may ask of us."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of one import; the defaults hold 19 years of five-minute intervals."""

    file_bytes: int = 64 * 1024**2  # as uploaded
    text_bytes: int = 256 * 1024**2  # unpacked
    unpack_ratio: int = 200  # interval tables pack 5 to 60 times; bombs a thousand times
    line_bytes: int = 64 * 1024
    rows: int = 2_000_000
    errors_kept: int = 1_000
    block_bytes: int = 1024**2
    first_year: int = 1990
    contacts: int = 1_000_000  # in one interval
    seconds: int = 1_000_000  # of handle time of one contact


DEFAULT_LIMITS = Limits()
