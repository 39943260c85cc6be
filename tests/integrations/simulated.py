"""Simulators for tests: a real process that may be killed, or a thread on a real socket, which is cheaper."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from apps.core.processes import die_with_parent
from apps.integrations.simulators.serving.running import READY, running_in_thread
from apps.integrations.simulators.table import simulator_class
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CALL_S = 30


class Simulated:
    """A running simulator, steered over HTTP as anybody may."""

    def __init__(self, url: str, *, trust: Path | None = None) -> None:
        self.url = url
        verify = ssl.create_default_context(cafile=trust) if trust else ssl.create_default_context()
        verify.check_hostname = False
        self._client = httpx.Client(base_url=url, verify=verify, timeout=CALL_S, trust_env=False)

    def _call(self, method: str, path: str, content: object = None) -> Any:
        answer = self._client.request(method, path, json=content)
        assert answer.is_success, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        return self._call("GET", path)

    def post(self, path: str, content: object = None) -> Any:
        return self._call("POST", path, content)

    def ledger(self, kind: str = "", key: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/_ledger?kind={kind}&key={key}")["entries"]
        return found

    def counts(self) -> dict[str, int]:
        counts: dict[str, int] = self.get("/_ledger?kind=none-of-these")["counts"]
        return counts

    def fault(self, kind: str, match: str = "", **more: object) -> None:
        """Ask for a fault; `more` are its other fields: `times`, `where`, `effect`, `status`, `seconds`."""
        self.post("/_faults", {"kind": kind, "match": match, **more})

    def clear_faults(self) -> None:
        self._call("DELETE", "/_faults")

    def reset(self) -> None:
        self.post("/_reset")

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.get("/_state")
        return state

    def requests(self) -> list[dict[str, Any]]:
        requests: list[dict[str, Any]] = self.get("/_requests?limit=50000")
        return requests

    def close(self) -> None:
        self._client.close()


class SimulatedProcess(Simulated):
    """One that is a process of its own: it can be killed, and come back on its port with its ledger."""

    def __init__(self, name: str, *arguments: str, trust: Path | None = None) -> None:
        self._command = [sys.executable, "-m", "apps.integrations.simulators", name, *arguments]
        super().__init__(self._start(), trust=trust)

    def _start(self, *more: str) -> str:
        self._process = subprocess.Popen(
            [*self._command, *more],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
            env={name: text for name, text in os.environ.items() if not name.startswith("DJANGO")},
            preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - it calls the kernel only
        )
        assert self._process.stdout is not None
        word, _space, url = self._process.stdout.readline().strip().partition(" ")
        assert word == READY
        return url

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        self._process.kill()
        self._process.communicate()

    def stop(self) -> int:
        """Ask it to end, and give its exit code."""
        self._process.terminate()
        self._process.communicate(timeout=CALL_S)
        return self._process.returncode

    def restart(self) -> None:
        """Start it again at the same address."""
        self._start("--port", self.url.rpartition(":")[2])


@contextmanager
def simulated_process(name: str, *arguments: str, trust: Path | None = None) -> Iterator[SimulatedProcess]:
    """Run a simulator as a process while the block lasts."""
    simulated = SimulatedProcess(name, *arguments, trust=trust)
    try:
        yield simulated
    finally:
        simulated.close()
        simulated.kill()


@contextmanager
def simulated_thread(name: str, *arguments: str, trust: Path | None = None) -> Iterator[Simulated]:
    """Run a simulator in a thread while the block lasts."""
    with running_in_thread(simulator_class(name), arguments) as (_simulator, url):
        simulated = Simulated(url, trust=trust)
        try:
            yield simulated
        finally:
            simulated.close()
