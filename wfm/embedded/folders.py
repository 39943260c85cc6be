"""Where the bundled servers keep their files."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SOCKET_PATH_LIMIT = 107  # bytes of sun_path that Linux takes, without the closing zero


class BundledServerError(ConnectionError):
    """A bundled server cannot run here; the message says what to do."""


def var_folder() -> Path:
    """Give the folder of local state: `WFM_VAR`, else `var/` of the checkout, else one under /var/tmp.

    The last is chosen when the others cannot be written, or when root's server account could not reach them.
    """
    wanted = Path(os.environ.get("WFM_VAR") or REPOSITORY / "var").absolute()
    if _writable(wanted) and (os.geteuid() != 0 or reachable_by_others(wanted)):
        wanted.mkdir(parents=True, exist_ok=True)
        return wanted
    digest = hashlib.sha256(str(wanted).encode()).hexdigest()[:10]
    return _own_folder(Path(f"/var/tmp/wfm-{os.geteuid()}-{digest}"))  # noqa: S108 - ownership is checked


def socket_folder(wanted: Path, socket_name: str) -> Path:
    """Give `wanted`, or a short folder when the socket's path there would be too long for the kernel."""
    if len(os.fsencode(wanted / socket_name)) <= SOCKET_PATH_LIMIT:
        wanted.mkdir(parents=True, exist_ok=True)
        return wanted
    digest = hashlib.sha256(str(wanted).encode()).hexdigest()[:10]
    return _own_folder(Path(f"/tmp/wfm-{os.geteuid()}-{digest}"))  # noqa: S108 - ownership is checked


def reachable_by_others(path: Path) -> bool:
    """Tell whether any account may walk down to `path` (parts that do not exist yet will be made so)."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents) if folder.exists())


def _writable(path: Path) -> bool:
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    return os.access(existing, os.W_OK | os.X_OK)


def _own_folder(path: Path) -> Path:
    path.mkdir(mode=0o755, exist_ok=True)
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        raise BundledServerError(f"{path} belongs to somebody else; set WFM_VAR to a folder of your own.")
    return path
