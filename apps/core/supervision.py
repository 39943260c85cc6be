"""One parent for several programs: starts them, restarts what crashes, stops all, leaves no orphan."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from apps.core.processes import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

POLL_S = 0.2
STOP_TIMEOUT_S = 40.0  # a call to another system may last 30 s and is not cut
QUICK_PAUSE_S = 0.1
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 15.0  # a child that lived so long is started again at once; sooner, after growing pauses
log = structlog.get_logger(__name__)


@dataclass
class Child:
    """A program to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause_s: float = FIRST_PAUSE_S

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches the supervisor only, which then stops everybody in order.
        self.process = subprocess.Popen(  # noqa: S603 - commands come from our own code
            self.command,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - the supervisor has one thread
        )
        self.started_at = time.monotonic()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def plan_restart(self) -> None:
        now = time.monotonic()
        steady = now - self.started_at > STEADY_AFTER_S
        self.pause_s = FIRST_PAUSE_S if steady else min(self.pause_s * 2, LONGEST_PAUSE_S)
        pause_s = QUICK_PAUSE_S if steady else self.pause_s
        self.start_at = now + pause_s
        status = None if self.process is None else self.process.returncode
        log.error("child_ended", child=self.name, status=status, restart_in_s=pause_s)
        self.process = None


class Supervisor:
    """Runs `children` until SIGTERM, SIGINT or SIGHUP; a second signal kills what still runs."""

    def __init__(self, children: Sequence[Child], *, on_tick: Callable[[], None] = lambda: None) -> None:
        self.children = children
        self.on_tick = on_tick
        self.signals = 0

    def run(self) -> None:
        before = {
            number: signal.signal(number, self._on_signal)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        }
        try:
            while not self.signals:
                self._keep_up()
                self.on_tick()
                time.sleep(POLL_S)
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, _signum: int, _frame: FrameType | None) -> None:
        self.signals += 1

    def _keep_up(self) -> None:
        for child in self.children:
            if child.process is not None and not child.is_running():
                child.plan_restart()
            if child.process is None and time.monotonic() >= child.start_at:
                child.start()

    def _stop(self) -> None:
        deadline = time.monotonic() + STOP_TIMEOUT_S
        for child in self.children:
            if child.process is not None and child.is_running():
                child.process.terminate()
        while any(child.is_running() for child in self.children):
            if time.monotonic() > deadline or self.signals > 1:
                self._kill()
            time.sleep(POLL_S / 4)

    def _kill(self) -> None:
        for child in self.children:
            if child.process is not None and child.is_running():
                child.process.kill()
                child.process.wait()
