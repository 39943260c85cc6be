"""Places at which a test lets a process die as by a power cut, to see what the others make of it.

`WFM_CRASH_AT=name` kills this process with SIGKILL the first time it passes `name`, `name:3` the third time.
Outside the settings of the tests (`CRASH_POINTS_ALLOWED`) a process refuses to start with it.
"""

from __future__ import annotations

import os
import signal
import threading
import time

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VARIABLE = "WFM_CRASH_AT"

_wanted, _, _nth = os.environ.get(VARIABLE, "").partition(":")
_passes_left = int(_nth or 1)
_lock = threading.Lock()

if _wanted and not settings.CRASH_POINTS_ALLOWED:
    raise ImproperlyConfigured(f"{VARIABLE} kills processes on purpose: it is for tests only. Unset it.")


def crash_point(name: str) -> None:
    """Die here if `WFM_CRASH_AT` names this place and it has been passed often enough."""
    if name == _wanted and _is_last_pass():
        die()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)  # until the kernel comes for us


def _is_last_pass() -> bool:
    global _passes_left  # noqa: PLW0603 - a count of this process
    with _lock:
        _passes_left -= 1
        return _passes_left == 0
