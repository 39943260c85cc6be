"""The control paths that every simulator has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.integrations.simulators.serving.messages import Request
    from apps.integrations.simulators.serving.simulator import Simulator

    Control = Callable[[Simulator, Request], object]

LOGGED_AT_ONCE = 1_000


def _ledger(simulator: Simulator, request: Request) -> object:
    kind, key = request.query.get("kind", ""), request.query.get("key", "")
    return {"counts": simulator.ledger.counts(), "entries": list(simulator.ledger.find(kind, key))}


def _requests(simulator: Simulator, request: Request) -> object:
    text = request.query.get("limit", "")
    limit = int(text) if text.isdigit() and int(text) else LOGGED_AT_ONCE
    return list(simulator.log.entries)[-limit:]


def _state(simulator: Simulator, _request: Request) -> dict[str, Any]:
    return {
        "name": simulator.name,
        "requests": simulator.log.count,
        "in_work": simulator.log.in_work,
        "most_in_work": simulator.log.most_in_work,
        "sockets": len(simulator.sockets),
        "faults": simulator.faults.told(),
        "ledger": simulator.ledger.counts(),
        **simulator.state(),
    }


def _faults(simulator: Simulator, _request: Request) -> object:
    return simulator.faults.told()


def _add_faults(simulator: Simulator, request: Request) -> object:
    simulator.faults.add(request.json())
    return simulator.faults.told()


def _clear_faults(simulator: Simulator, _request: Request) -> object:
    simulator.faults.clear()
    return simulator.faults.told()


def _reset(simulator: Simulator, request: Request) -> object:
    simulator.ledger.clear()
    simulator.faults.clear()
    simulator.log.clear()
    simulator.reset()
    return _state(simulator, request)


CONTROLS: dict[tuple[str, str], Control] = {
    ("GET", "/_ledger"): _ledger,
    ("GET", "/_requests"): _requests,
    ("GET", "/_state"): _state,
    ("GET", "/_faults"): _faults,
    ("POST", "/_faults"): _add_faults,
    ("DELETE", "/_faults"): _clear_faults,
    ("POST", "/_reset"): _reset,
}
