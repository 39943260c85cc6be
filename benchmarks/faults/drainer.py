"""`python -m benchmarks.faults.drainer`: a worker of the queue without Celery, to die at a crash point.

It sweeps and drains until it is told to end, as the workers do whom Celery wakes.
"""

from __future__ import annotations

import signal
import sys
import threading
from typing import Any

import django

PAUSE_S = 0.1


def main() -> None:
    django.setup()
    from apps.integrations.services import queue  # noqa: PLC0415 - after the set-up

    asked = threading.Event()

    def stop(*_signal: Any) -> None:
        queue.ask_to_stop()
        asked.set()

    signal.signal(signal.SIGTERM, stop)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not asked.wait(PAUSE_S):
        queue.reap()
        queue.drain()


if __name__ == "__main__":
    main()
