"""A process that forks workers of the operation queue, as cheap to start as to kill.

Each line that it reads is a list of workers, `{"do": "drain", "crash": "after_claim:2"}`, which run together;
it answers with their exit statuses: 0, -9 of one that was killed, -19 of one that a `stop` made stand still
where others would die. `{"do": "go on"}` lets that one go on and gives its exit status.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from importlib import import_module

import django

WORKS_S = 20.0
SURE_S = 0.2
QUEUE = "apps.integrations.services.queue"
MODULES = ("claiming", "draining", "hands", "leases")
_standing_still: list[int] = []


def child(do: str, crash_at: str, stop_at: str) -> None:
    """Be a worker until nothing is left, or until death."""
    claiming, draining, hands, leases = (import_module(f"{QUEUE}.{name}") for name in MODULES)
    crash = import_module("apps.integrations.crash")
    name, _, nth = (crash_at or stop_at).partition(":")
    crash._wanted, crash._passes_left = name, int(nth or 1)
    if stop_at:
        crash.die = stand_still
    hands.BEAT_EVERY_S, claiming.SURE_S = 0.05, SURE_S
    until = time.monotonic() + WORKS_S
    if do == "drain":
        draining.drain(threads=8)
    elif do == "reap":
        leases.reap()
    while do == "sweep" and time.monotonic() < until:
        leases.reap()
        if not draining.drain(threads=8):
            break


def stand_still() -> None:
    """Stop this process right here: the signal goes to this thread, which does nothing before it stops."""
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


def fork(do: str, crash_at: str, stop_at: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        child(do, crash_at, stop_at)
        status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)


def begin(order: dict[str, str]) -> int:
    if order["do"] == "go on":
        pid = _standing_still.pop()
        os.kill(pid, signal.SIGCONT)
        return pid
    return fork(order["do"], order.get("crash", ""), order.get("stop", ""))


def wait_for(pid: int) -> int:
    status = os.waitpid(pid, os.WUNTRACED)[1]
    if os.WIFSTOPPED(status):
        _standing_still.append(pid)
        return -os.WSTOPSIG(status)
    return os.waitstatus_to_exitcode(status)


def main() -> None:
    django.setup()
    import_module("tests.integrations.queue_peer")
    for line in sys.stdin:
        pids = [begin(order) for order in json.loads(line)]
        statuses = [wait_for(pid) for pid in pids]
        sys.stdout.write(json.dumps(statuses) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
