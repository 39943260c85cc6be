"""Python, libraries, time zones, translations and static files of this checkout."""

from __future__ import annotations

import platform
import re
import sys
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import TZPATH

from django.conf import settings

from apps.core.code_version import code_version
from apps.core.doctor.lines import examination, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.core.doctor.lines import Line

OLDEST_PYTHON = (3, 11)
SHOWN = 5
PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^\s;#]+)\s*(;)?")
MANIFEST = "staticfiles.json"


@examination("software")
def software() -> Iterator[Line]:
    """Compare what is installed with what the requirements pin."""
    version = platform.python_version()
    needed = ".".join(map(str, OLDEST_PYTHON))
    yield judged(
        "python", version, f"Install Python {needed} or newer.", fail=sys.version_info[:2] < OLDEST_PYTHON
    )
    yield judged("product", code_version(), "")
    yield _libraries(Path(settings.BASE_DIR) / "requirements.txt")
    yield _time_zones()
    yield _catalogues(Path(settings.BASE_DIR))
    yield _static()


def _libraries(requirements: Path) -> Line:
    missing, other = [], []
    pins = [pin for line in requirements.read_text().splitlines() if (pin := PIN.match(line))]
    for pin in pins:
        name, wanted, conditional = pin.groups()
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            if not conditional:
                missing.append(name)
            continue
        if found != wanted:
            other.append(f"{name} {found} instead of {wanted}")
    wrong = [*(f"{name} is missing" for name in missing), *other]
    return judged(
        "libraries",
        "; ".join(wrong[:SHOWN]) or f"{len(pins)} as pinned",
        "Run `pip install -r requirements.txt`.",
        fail=bool(missing),
        warn=bool(other),
    )


def _time_zones() -> Line:
    package = metadata.version("tzdata").split(".")
    newest = f"{package[0]}{chr(ord('a') + int(package[1]) - 1)}"
    used = next(filter(None, map(_zone_version, map(Path, TZPATH))), newest)
    return judged(
        "time_zones",
        f"{used} (newest known: {newest})",
        "Update the system's tzdata, or set PYTHONTZPATH to nothing to use the one of requirements.txt.",
        warn=used < newest and used[:4] < newest[:4],
    )


def _zone_version(folder: Path) -> str:
    try:
        first = (folder / "tzdata.zi").open(encoding="ascii", errors="replace").readline()
    except OSError:
        return ""
    found = re.search(r"version (\d{4}[a-z])", first)
    return found.group(1) if found else ""


def _catalogues(base: Path) -> Line:
    sources = sorted((base / "locale").glob("*/LC_MESSAGES/*.po"))
    stale = [
        path.parts[-3]
        for path in sources
        if not path.with_suffix(".mo").is_file()
        or path.with_suffix(".mo").stat().st_mtime < path.stat().st_mtime
    ]
    return judged(
        "translations",
        f"not compiled: {', '.join(stale)}" if stale else f"{len(sources)} compiled",
        "Run `python manage.py compile_catalogues`.",
        warn=bool(stale),
    )


def _static() -> Line:
    backend = settings.STORAGES["staticfiles"]["BACKEND"]
    if "Manifest" not in backend:
        return judged("static_files", "served from where they lie", "")
    manifest = Path(settings.STATIC_ROOT) / MANIFEST
    newest = max((path.stat().st_mtime for path in _own_static()), default=0.0)
    absent = not manifest.is_file()
    return judged(
        "static_files",
        "not collected" if absent else "collected",
        "Run `python manage.py collectstatic --noinput`.",
        fail=absent,
        warn=not absent and manifest.stat().st_mtime < newest,
    )


def _own_static() -> Iterator[Path]:
    root = Path(str(files("apps"))).parent / "static"
    return (path for path in root.rglob("*") if path.is_file())
