"""How processes of ours live: none outlives its parent, none is stopped by its own start."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def ask_to_die_with_parent(signum: signal.Signals) -> None:
    """Ask the kernel to send `signum` to this process when its parent ends, even by kill -9."""
    _libc.prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)


def die_with_parent(signum: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """Give a `preexec_fn` after which the child ends with its parent.

    The parent may end between fork and the request: so the child looks once whether it was adopted already.
    """
    parent = os.getpid()

    def in_child() -> None:
        ask_to_die_with_parent(signum)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return in_child


def set_start_aside() -> None:
    """Take what the start of this process made out of the garbage collector's rounds.

    It lives as long as the process does, and a full round over it stops every thread for 100 to 250 ms. Call
    it once, when all modules are there.
    """
    gc.collect()
    gc.freeze()
