"""The parent of one bundled server: `python -m wfm.embedded.keeper postgres|redis`."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from apps.core.processes import die_with_parent
from wfm.embedded import programs
from wfm.embedded.folders import BundledServerError

if TYPE_CHECKING:
    from types import FrameType

    from wfm.embedded.programs import Program

POLL_S = 0.2
STOP_TIMEOUT_S = 30.0
RESTART_PAUSE_S = 1.0


class Keeper:
    """Keeps `program` running while anybody holds a shared lock on its `users.lock`."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.ready_mark = program.folder / "ready"
        self.users = os.open(program.folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        self.child: subprocess.Popen[bytes] | None = None
        self.asked_to_stop = False

    def run(self) -> None:
        alive = os.open(self.program.folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(alive, fcntl.LOCK_EX)
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        self.ready_mark.unlink(missing_ok=True)
        try:
            while not self.asked_to_stop and not self._nobody_left():
                self._keep_up()
                time.sleep(POLL_S)
        finally:
            self.ready_mark.unlink(missing_ok=True)
            self._stop()

    def _on_signal(self, _signum: int, _frame: FrameType | None) -> None:
        self.asked_to_stop = True

    def _nobody_left(self) -> bool:
        # Held until this process ends: who comes meanwhile waits for it, and then starts a new keeper.
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def _keep_up(self) -> None:
        if self.child is not None and self.child.poll() is not None:
            self.ready_mark.unlink(missing_ok=True)
            self.child = None
            time.sleep(RESTART_PAUSE_S)
        if self.child is None:
            self.program.prepare()
            self.child = subprocess.Popen(  # noqa: S603 - our own program and options
                self.program.command(),
                stdin=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
                preexec_fn=die_with_parent(self.program.stop_signal),  # noqa: PLW1509 - one thread here
                **self.program.account(),
            )
        if not self.ready_mark.exists() and self.program.ready():
            self.ready_mark.touch()

    def _stop(self) -> None:
        if self.child is None or self.child.poll() is not None:
            return
        self.child.send_signal(self.program.stop_signal)
        try:
            self.child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def main() -> int:
    program: Program = programs.postgres() if sys.argv[1] == "postgres" else programs.redis()
    try:
        Keeper(program).run()
    except BundledServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
