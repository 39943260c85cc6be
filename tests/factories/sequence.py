"""Numbers that make codes unique within a test run."""

from itertools import count

_numbers = count(1)


def next_number() -> int:
    return next(_numbers)
