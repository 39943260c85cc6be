"""Which code made a result: every run and version is stamped with it."""

from __future__ import annotations

import os
from functools import cache
from importlib import resources
from pathlib import Path

UNKNOWN = "unknown"
_SHOWN = 12


@cache
def code_version() -> str:
    """Give `CODE_VERSION` of the environment, else the commit of the checkout, else "unknown"."""
    return os.environ.get("CODE_VERSION") or _commit(_root() / ".git") or UNKNOWN


def _root() -> Path:
    return Path(str(resources.files("apps"))).parent


def _commit(git: Path) -> str:
    head = _read(git / "HEAD")
    if not head.startswith("ref: "):
        return head[:_SHOWN]
    name = head.removeprefix("ref: ")
    packed = (line.split(" ", 1) for line in _read(git / "packed-refs").splitlines() if line.endswith(name))
    found = _read(git / name) or next((commit for commit, *_rest in packed), "")
    return found[:_SHOWN]


def _read(path: Path) -> str:
    return path.read_text().strip() if path.is_file() else ""
