"""C1: every malformed answer in its class, in bounded memory, and no credential where it does not belong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.integrations.choices import Authentication
from apps.integrations.models import Attempt, Operation
from apps.integrations.services.access import set_secret
from benchmarks.faults import world
from benchmarks.faults.rows import Row
from tests.integrations.onec_runs import run_for

if TYPE_CHECKING:
    from apps.integrations.models import Connection
    from benchmarks.faults.plant import Plant
    from benchmarks.faults.rows import Size
    from tests.force.site import Process

COMPLETED = "completed"
MOST_MEMORY_MB = 200.0
LONGEST_S = 60.0
# What is asked of the simulator, and the class in which a send has to land.
OF_SENDS: dict[str, tuple[dict[str, Any], str]] = {
    "bom": ({"kind": "bom"}, COMPLETED),
    "500 in HTML": ({"kind": "status", "status": 500}, "retry"),
    "502": ({"kind": "status", "status": 502}, "retry"),
    "503": ({"kind": "status", "status": 503, "content": "none"}, "retry"),
    "401": ({"kind": "status", "status": 401}, "authentication"),
    "404": ({"kind": "status", "status": 404}, "configuration"),
    "result false": ({"kind": "refuse"}, "refused"),
    "empty": ({"kind": "empty"}, "retry"),
    "truncated": ({"kind": "truncated"}, "retry"),
    "cp1251": ({"kind": "cp1251"}, "poison"),
    "NaN": ({"kind": "nan"}, "poison"),
    "cut": ({"kind": "cut"}, "retry"),
    "endless": ({"kind": "endless"}, "poison"),
    "300 MB": ({"kind": "huge"}, "poison"),
}
# The same of the personnel feed, where a run ends as done or failed in its class.
OF_FEEDS: dict[str, tuple[dict[str, Any], str]] = {
    "0,5": ({"kind": "comma"}, "done"),
    "bom": ({"kind": "bom"}, "done"),
    "NaN": ({"kind": "nan"}, "poison"),
    "cp1251": ({"kind": "cp1251"}, "poison"),
    "truncated": ({"kind": "truncated"}, "retry"),
    "HTML": ({"kind": "status", "status": 200}, "poison"),
}


def malformed_answers(plant: Plant, _size: Size) -> Row:
    """Play each fault against a connection of its own; read in which class it landed."""
    row = Row("C1", "malformed answers, each in its class")
    onec = plant.simulator("onec", *world.invented(30), "--user", "wfm", "--password", "секрет")
    drainer = plant.drainer(more={"SSL_CERT_FILE": str(plant.folder / "tls" / "authority.pem")})
    before = 0.0
    for name, (fault, wanted) in OF_SENDS.items():
        onec.clear_faults()
        onec.post("/_faults", {**fault, "match": "sendSchedule"})
        found = _class_of_send(_connect(onec), world.hire(onec, 1))
        row.checks[f"send, {name}: {wanted} (was {found})"] = found == wanted
        before = before or _peak_mb(drainer)
    growth = _peak_mb(drainer) - before
    row.checks[f"memory +{MOST_MEMORY_MB:.0f} MB at most (was {growth:.0f})"] = growth <= MOST_MEMORY_MB
    _look_at_redirect(plant, onec, row)
    _look_at_tls(plant, row)
    for name, (fault, wanted) in OF_FEEDS.items():
        onec.clear_faults()
        onec.post("/_faults", {**fault, "match": "/agents/"})
        run = run_for(_connect(onec), "onec.personnel")
        found = run.failure or run.state
        row.checks[f"feed, {name}: {wanted} (was {found})"] = found == wanted
    row.figures = {"answers": len(OF_SENDS) + len(OF_FEEDS) + 2, "memory_growth_mb": growth}
    return row


def _look_at_redirect(plant: Plant, onec: Any, row: Row) -> None:
    elsewhere = plant.simulator("webhook-receiver")
    onec.clear_faults()
    onec.fault("redirect", match="sendSchedule", location=f"{elsewhere.url}/stolen")
    found = _class_of_send(_connect(onec), world.hire(onec, 1))
    row.checks[f"redirect: configuration (was {found})"] = found == "configuration"
    row.checks["no credential follows a redirect"] = elsewhere.state()["requests"] == 0


def _look_at_tls(plant: Plant, row: Row) -> None:
    folder = plant.folder / "tls"
    own = ("--tls-name", "elsewhere.example", "--tls-directory", str(folder))
    secure = plant.simulator("onec", "--people", "0", *own, trust=folder / "authority.pem")
    found = _class_of_send(_connect(secure), world.hire(secure, 1))
    row.checks[f"wrong TLS name: configuration (was {found})"] = found == "configuration"
    row.checks["nothing was said to the wrong name"] = secure.state()["requests"] == 0


def _connect(onec: Any) -> Connection:
    connection = world.connect(onec, authentication=Authentication.BASIC, username="wfm")
    set_secret(connection, "password", "секрет", actor=None)
    return connection


def _class_of_send(connection: Connection, people: list[int]) -> str:
    """Queue a send, wait for its first attempt, and give the class of its failure, or its state."""
    (key,) = world.send_months(connection, people)
    attempts = Attempt.objects.filter(operation=key, ended_at__isnull=False)
    world.happens(attempts.exists, seconds=LONGEST_S)
    operation = Operation.objects.get(pk=key)
    return str(operation.failure or operation.state)


def _peak_mb(process: Process) -> float:
    """Give the most memory that the process ever had."""
    if process.running is None:
        return 0.0
    status = Path(f"/proc/{process.running.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
