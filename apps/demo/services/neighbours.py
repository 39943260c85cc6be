"""The outside systems of the demo: simulators beside the site, that live by what was published."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import socket
import sys
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings

from apps.core import clock
from apps.core.errors import DomainError
from apps.core.supervision import Child
from apps.demo.blueprint import LARGE, SMALL, ZONE
from apps.integrations.selectors.centre_for_simulator import centre_for_simulator
from apps.integrations.selectors.people_for_simulator import people_for_simulator
from apps.integrations.simulators.contact_centre.plan import write_plan

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

HOST = "127.0.0.1"
USER = "wfm"
PORTS_ABOVE = 301  # the simulators' ports begin so far above that of the site
PORTS_TRIED = 200
MOST_PORT = 65_535
HISTORY_DAYS = 3
DAYS_AHEAD = 30
ONEC, CENTRE, MCE, RECEIVER = "demo-1c", "demo-centre", "demo-mce", "demo-receiver"
SIMULATORS = {ONEC: "onec", CENTRE: "contact-centre", MCE: "mce", RECEIVER: "webhook-receiver"}


@dataclass(frozen=True)
class Neighbour:
    """One outside system; `code` is also that of its connection."""

    code: str
    port: int
    options: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def password(self) -> str:
        """Give what the system wants beside the user name; it follows from this installation's secret key."""
        secret = settings.SECRET_KEY.encode()
        return hmac.new(secret, f"demo {self.code}".encode(), hashlib.sha256).hexdigest()[:20]

    def child(self) -> Child:
        """Give the program that plays it."""
        python = [sys.executable, "-m", "apps.integrations.simulators", SIMULATORS[self.code]]
        command = [*python, "--quiet", f"--host={HOST}", f"--port={self.port}", *self.options]
        return Child(f"simulated-{SIMULATORS[self.code]}", command, {"SIMULATOR_PASSWORD": self.password})


def neighbours_folder() -> Path:
    """Give where the simulators' plans, effects and addresses are kept."""
    folder: Path = settings.VAR_DIR / "neighbours"
    return folder


def forget_neighbours() -> None:
    """Forget what the outside systems know of a database that has been emptied."""
    shutil.rmtree(neighbours_folder(), ignore_errors=True)


def make_neighbours(site_port: int, say: Callable[[str], None]) -> list[Neighbour]:
    """Give the outside systems as the database is now; one that cannot be played is told and left out."""
    folder = neighbours_folder()
    folder.mkdir(parents=True, exist_ok=True)
    today = clock.now().astimezone(ZoneInfo(ZONE)).date()
    people = folder / "people.json"
    people.write_text(json.dumps(people_for_simulator(today), ensure_ascii=False, default=str), "utf-8")
    signed = ("--user", USER)
    options: dict[str, tuple[str, ...]] = {
        ONEC: (*signed, "--people-file", str(people), "--ledger", str(folder / "1c-effects.jsonl")),
        RECEIVER: ("--ledger", str(folder / "webhooks.jsonl")),
    }
    for code, group in ((CENTRE, LARGE.code), (MCE, SMALL.code)):
        try:
            plan = _write_centre(folder / f"{code}.json", group, today)
        except DomainError as refusal:
            say(f"{SIMULATORS[code]} is not played: {refusal.message}")
            continue
        days = ("--history-days", str(HISTORY_DAYS))
        options[code] = (*signed, "--plan", str(plan), "--system-id", code, *days)
    ports = free_ports(site_port + PORTS_ABOVE, len(options))
    found = [Neighbour(code, port, own) for (code, own), port in zip(options.items(), ports, strict=True)]
    _write_addresses(found)
    return found


def read_neighbours() -> dict[str, Neighbour]:
    """Give the outside systems that the running demo started, by code."""
    rows = json.loads((neighbours_folder() / "addresses.json").read_text("utf-8"))
    return {row["code"]: Neighbour(row["code"], row["port"], tuple(row["options"])) for row in rows}


def free_ports(first: int, count: int) -> list[int]:
    """Give ports from `first` on that nobody listens at; any free ones when there are too few."""
    last = min(first + PORTS_TRIED, MOST_PORT)
    found = [port for port in range(first, last) if _is_free(port)][:count]
    with_any = [socket.create_server((HOST, 0)) for _ in range(count - len(found))]
    found += [plug.getsockname()[1] for plug in with_any]
    for plug in with_any:
        plug.close()
    return found


def _is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


def _write_centre(path: Path, group: str, today: dt.date) -> Path:
    """Write the plan of a centre whose groups are told apart from the queues that were imported."""
    plan = centre_for_simulator(today, days_back=HISTORY_DAYS + 1, days_ahead=DAYS_AHEAD, group_codes=[group])
    named = tuple(replace(row, name=f"{row.name}: по данным КЦ") for row in plan.groups)
    write_plan(replace(plan, groups=named), path)
    return path


def _write_addresses(neighbours: Iterable[Neighbour]) -> None:
    rows: Sequence[object] = [asdict(neighbour) for neighbour in neighbours]
    (neighbours_folder() / "addresses.json").write_text(json.dumps(rows), "utf-8")
