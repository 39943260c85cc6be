"""The same history as CSV, Excel and JSON, and files made to harm: seconds, and memory of a whole process.

Each run is a process of its own, so its peak is its own: Django, NumPy and SciPy alone hold some 160 MB.
Peers only read the workbook into Python objects; they check nothing and store nothing.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS_AT_MOST, MB_AT_MOST, REFUSED_WITHIN_S = 60.0, 300.0, 2.0
ROWS, MOST_ROWS, MANY_ROWS, BOMB_ROWS = 100_000, 500_000, 1_000_000, 4_000_000
STEP_S = 300
FIRST_DAY = 25_569.0  # 1970-01-01 as spreadsheets count days


@dataclass(frozen=True)
class FormatRun:
    """One file in a process of its own: seconds from the first byte to the commit, its highest memory."""

    what: str
    rows: int
    seconds: float
    peak_mb: float
    loaded: int
    progress_told: int
    answer: str


def measure(database: str) -> list[FormatRun]:
    """Import each file into `database`, and let the peers read the workbook."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder, name) for name in _MAKERS}
        for name, path in files.items():
            path.write_bytes(_MAKERS[name]())
        return [
            *(_in_child("ours", path, database) for path in files.values()),
            *(_in_child(peer, files["history.xlsx"], database) for peer in _PEERS),
        ]


def within_limits(runs: list[FormatRun]) -> bool:
    """Tell whether the workbook of 100 000 rows and every harmful file kept to their limits."""
    ours = [run for run in runs if run.what.startswith("ours")]
    measured = next(run for run in ours if "history.xlsx" in run.what)
    bad = [run for run in ours if "bad-" in run.what]
    return (
        measured.seconds <= SECONDS_AT_MOST
        and measured.loaded == ROWS
        and measured.progress_told > 1
        and all(run.peak_mb <= MB_AT_MOST for run in ours)
        and all(run.seconds <= REFUSED_WITHIN_S and not run.loaded for run in bad)
    )


def _in_child(reader: str, path: Path, database: str) -> FormatRun:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "wfm.settings.test"}
    done = subprocess.run(  # noqa: S603 - this very module
        [sys.executable, "-m", __name__, reader, str(path), database],
        env=environment, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return FormatRun(**json.loads(done.stdout.splitlines()[-1]))


def _child(reader: str, path: Path, database: str) -> FormatRun:
    begun = time.perf_counter()
    if reader == "ours":
        seconds, rows, loaded, told, answer = _import(path, database)
    else:
        told = loaded = 0
        rows, answer = _PEERS[reader](path)
        seconds = time.perf_counter() - begun
    return FormatRun(f"{reader}: {path.name}", rows, seconds, _peak_mb(), loaded, told, answer)


def _peak_mb() -> float:
    """Give the highest memory of this program: `getrusage` would count what its parent held as well."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _import(path: Path, database: str) -> tuple[float, int, int, int, str]:
    import django  # noqa: PLC0415 - only the child sets it up

    django.setup()
    from django.conf import settings  # noqa: PLC0415 - after django.setup()

    settings.DATABASES["default"]["NAME"] = database
    from django.db import connection  # noqa: PLC0415 - with that name
    from django.utils import translation  # noqa: PLC0415 - after django.setup()

    from apps.demand.errors import FileRefusedError  # noqa: PLC0415 - after django.setup()
    from apps.demand.services.importing import import_history  # noqa: PLC0415 - after django.setup()
    from benchmarks.imports import make_queue  # noqa: PLC0415 - it imports this module

    connection.settings_dict["NAME"] = database
    translation.activate("en")
    queue, watching = make_queue(path.name.replace(".", "-")), _Watching()
    begun = time.perf_counter()
    try:
        with path.open("rb") as file:
            batch = import_history(
                queue_id=queue.pk, file=file, file_name=path.name, actor=None, job=watching
            )
    except FileRefusedError as refusal:
        return time.perf_counter() - begun, 0, 0, watching.told, refusal.message[:60]
    seconds = time.perf_counter() - begun
    return seconds, batch.rows_read, batch.rows_loaded, watching.told, f"{batch.rows_refused} refused"


class _Watching:
    """A job that only counts how often it is told how far the import is."""

    params: dict[str, Any] = {"upload_id": None}
    actor_id = None

    def __init__(self) -> None:
        self.job_id = uuid.uuid4()
        self.told = 0

    def progress(self, _fraction: float, _stage: object = None) -> None:
        self.told += 1

    def log(self, line: str) -> None:
        """Keep nothing."""

    def cancelled(self) -> bool:
        return False

    def check_cancelled(self) -> None:
        """Go on."""

    def conclude(self, result: object = None) -> None:
        """Keep nothing."""

    def refuse(self, reason: object) -> None:
        """Keep nothing."""


def _rows(count: int) -> Iterator[tuple[int, int, float]]:
    """Give seconds since 1970-01-01, contacts and AHT of consecutive five minutes that end before today."""
    first = 1_735_689_600 - count * STEP_S
    return ((first + index * STEP_S, index % 97, 150 + index % 60 / 2) for index in range(count))


def _csv() -> bytes:
    lines = (
        f"{_text_of(second)};{calls};{str(aht_s).replace('.', ',')}" for second, calls, aht_s in _rows(ROWS)
    )
    return "\n".join(lines).encode()


def _json() -> bytes:
    records = (
        {"start": _text_of(second), "calls": calls, "aht": aht_s} for second, calls, aht_s in _rows(ROWS)
    )
    return json.dumps(list(records)).encode()


def _workbook(count: int = ROWS, *, texts: bool = False) -> bytes:
    import io  # noqa: PLC0415 - only where a workbook is made

    import xlsxwriter  # noqa: PLC0415 - only where a workbook is made

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": not texts}) as book:
        moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, ["Дата", "Контакты", "AHT, с"])
        for line, (second, calls, aht_s) in enumerate(_rows(count), start=1):
            if texts:
                sheet.write_string(line, 0, _text_of(second))
            else:
                sheet.write_number(line, 0, FIRST_DAY + second / 86_400, moment)
            sheet.write_number(line, 1, calls)
            sheet.write_number(line, 2, aht_s)
    return out.getvalue()


def _text_of(second: int) -> str:
    return time.strftime("%d.%m.%Y %H:%M", time.gmtime(second))


def _bomb() -> bytes:
    from tests.demand.workbooks import HEAD_XML, by_hand  # noqa: PLC0415 - as the tests make it

    return by_hand(HEAD_XML + "<row><c><v>1</v></c></row>" * BOMB_ROWS)


def _entities() -> bytes:
    from tests.demand.workbooks import HEAD_XML, by_hand  # noqa: PLC0415 - as the tests make it

    return by_hand(HEAD_XML, prologue='<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>')


def _deep() -> bytes:
    return b'{"rows": ' + b"[" * 30_000_000


_MAKERS: dict[str, Callable[[], bytes]] = {
    "history.csv": _csv,
    "history.xlsx": _workbook,
    "texts.xlsx": lambda: _workbook(texts=True),
    "history.json": _json,
    "most.xlsx": lambda: _workbook(MOST_ROWS),
    "bad-million.xlsx": lambda: _workbook(MANY_ROWS),
    "bad-bomb.xlsx": _bomb,
    "bad-entities.xlsx": _entities,
    "bad-depth.json": _deep,
}


def _openpyxl(path: Path) -> tuple[int, str]:
    openpyxl = importlib.import_module("openpyxl")
    book = openpyxl.load_workbook(path, read_only=True)
    return len(list(book.active.iter_rows(values_only=True))) - 1, "rows read only"


def _pandas(engine: str) -> Callable[[Path], tuple[int, str]]:
    def read(path: Path) -> tuple[int, str]:
        pandas = importlib.import_module("pandas")
        return len(pandas.read_excel(path, engine=engine)), "rows read only"

    return read


_PEERS: dict[str, Callable[[Path], tuple[int, str]]] = {
    "openpyxl": _openpyxl,
    "pandas and openpyxl": _pandas("openpyxl"),
    "pandas and calamine": _pandas("calamine"),
}

if __name__ == "__main__":
    print(json.dumps(asdict(_child(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))))
