"""Whoever wants to know at once what came in: told after the commit, in the process that stored it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.monitoring.types import Changes

FunctionT = TypeVar("FunctionT", bound="Callable[[Changes], None]")
_listeners: list[Callable[[Changes], None]] = []


def on_change(function: FunctionT) -> FunctionT:
    """Register what is told of every delivery that changed a current state or brought a snapshot."""
    if function not in _listeners:
        _listeners.append(function)
    return function


def notify(changes: Changes) -> None:
    """Tell the listeners, unless nothing changed."""
    if changes.agents or changes.queues:
        for listener in _listeners:
            listener(changes)
