"""How a worker's processes hear that the worker is to stop.

A signal reaches the worker's first process only; a byte that it shares with the processes forked from it
tells these to take nothing more. So this module is imported before they are forked.
"""

from __future__ import annotations

import mmap

_flag = mmap.mmap(-1, 1)


def ask_to_stop() -> None:
    _flag[0] = 1


def stop_asked() -> bool:
    return _flag[0] != 0
