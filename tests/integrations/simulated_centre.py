"""Simulated contact centres for tests: their clock stands still until it is moved."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.integrations.simulated import simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integrations.simulated import Simulated

START = "2026-11-18T15:00:00+03:00"
STILL = ("--start", START, "--clock-factor", "0", "--people", "20", "--seed", "1")


@contextmanager
def contact_centre(*arguments: str) -> Iterator[Simulated]:
    """Run a centre of 20 people at 15:00 Moscow time of 2026-11-18, a day of history behind it."""
    with simulated_thread("contact-centre", *STILL, *arguments) as simulated:
        yield simulated


@contextmanager
def mce(*arguments: str) -> Iterator[Simulated]:
    """Run MCE/Oktell as the face of the same centre; the user is `mce`, the password `secret`."""
    with simulated_thread("mce", *STILL, "--user", "mce", "--password", "secret", *arguments) as simulated:
        yield simulated
