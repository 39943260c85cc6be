"""Child processes that never outlive their parent."""

from __future__ import annotations

import ctypes
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signum: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """Give a `preexec_fn` that asks the kernel to send `signum` to the child when its parent dies.

    Even a parent killed with -9 then leaves no orphan. The parent may die between fork and the request,
    so the child looks once whether it has been adopted already.
    """
    parent = os.getpid()

    def ask_kernel() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return ask_kernel
