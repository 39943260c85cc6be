"""Where the bundled servers keep their files."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SOCKET_PATH_LIMIT = 107  # bytes of sun_path that Linux takes, without the closing zero

ADVICE = "set WFM_VAR to a folder that this account may write."


class BundledServerError(ConnectionError):
    """A bundled server cannot run here; the message says what to do."""


def var_folder() -> Path:
    """Give the folder of local state: `WFM_VAR`, else `var/` of the checkout, else one under /var/tmp."""
    wanted = _wanted_folder()
    if not os.environ.get("WFM_VAR") and not _writable(wanted):
        return _outside_folder(wanted)
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BundledServerError(f"{_name(wanted)} cannot be made ({error.strerror}): {ADVICE}") from error
    if not _writable(wanted):
        raise BundledServerError(f"{_name(wanted)} cannot be written: {ADVICE}")
    return wanted


def server_folder() -> Path:
    """Give the same, but outside when root's server account could not reach it (a checkout in /root)."""
    folder = var_folder()
    if os.geteuid() == 0 and not reachable_by_others(folder):
        return _outside_folder(folder)
    return folder


def socket_folder(wanted: Path, socket_name: str) -> Path:
    """Give `wanted`, or a short folder when the socket's path there would be too long for the kernel."""
    folder = wanted
    if len(os.fsencode(wanted / socket_name)) > SOCKET_PATH_LIMIT:
        digest = hashlib.sha256(str(wanted).encode()).hexdigest()[:10]
        folder = _own_folder(Path(f"/tmp/wfm-{os.geteuid()}-{digest}")) / "socket"  # noqa: S108 - as it checks
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def reachable_by_others(path: Path) -> bool:
    """Tell whether any account may walk down to `path` (parts that do not exist yet will be made so)."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents) if folder.exists())


def _name(folder: Path) -> str:
    return f"WFM_VAR is {folder}, which" if os.environ.get("WFM_VAR") else f"The folder {folder}"


def _wanted_folder() -> Path:
    return Path(os.environ.get("WFM_VAR") or REPOSITORY / "var").absolute()


def _outside_folder(instead_of: Path) -> Path:
    digest = hashlib.sha256(str(instead_of).encode()).hexdigest()[:10]
    return _own_folder(Path(f"/var/tmp/wfm-{os.geteuid()}-{digest}"))  # noqa: S108 - ownership is checked


def _writable(path: Path) -> bool:
    existing = next(folder for folder in (path, *path.parents) if _exists(folder))
    return os.access(existing, os.W_OK | os.X_OK)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # within a folder that this account may not enter
        return False


def _own_folder(path: Path) -> Path:
    path.mkdir(mode=0o755, exist_ok=True)
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        raise BundledServerError(f"{path} belongs to somebody else; set WFM_VAR to a folder of your own.")
    path.chmod(0o755)  # whatever the umask: root's server account has to walk through
    return path
