"""A process that forks workers of the operation queue, as cheap to start as to kill.

Each line that it reads is a list of workers, `{"do": "drain", "crash": "after_claim:2"}`, which run together;
it answers with their exit statuses: 0, or -9 of one that was killed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module

import django

WORKS_S = 20.0
MODULES = ("crash", "services.queue.draining", "services.queue.hands", "services.queue.leases")


def child(do: str, crash_at: str) -> None:
    """Be a worker until nothing is left, or until death."""
    crash, draining, hands, leases = (import_module(f"apps.integrations.{name}") for name in MODULES)
    name, _, nth = crash_at.partition(":")
    crash._wanted, crash._passes_left = name, int(nth or 1)
    hands.BEAT_EVERY_S = 0.05
    until = time.monotonic() + WORKS_S
    if do == "drain":
        draining.drain(threads=8)
    elif do == "reap":
        leases.reap()
    while do == "sweep" and time.monotonic() < until:
        leases.reap()
        if not draining.drain(threads=8):
            break


def fork(do: str, crash_at: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        child(do, crash_at)
        status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    django.setup()
    import_module("tests.integrations.queue_peer")
    for line in sys.stdin:
        pids = [fork(one["do"], one.get("crash", "")) for one in json.loads(line)]
        statuses = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        sys.stdout.write(json.dumps(statuses) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
