"""Leave to send: whoever makes calls may be asked, before bytes leave, whether they still may."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ask: ContextVar[Callable[[], None] | None] = ContextVar("may_send", default=None)


@contextmanager
def sending_while(ask: Callable[[], None]) -> Iterator[None]:
    """Ask before anything of a call leaves that the block makes in this thread.

    What `ask` raises (of the `ExchangeError` family) ends the call, and nothing more of it leaves.
    """
    token = _ask.set(ask)
    try:
        yield
    finally:
        _ask.reset(token)


def ask_leave() -> None:
    ask = _ask.get()
    if ask is not None:
        ask()
