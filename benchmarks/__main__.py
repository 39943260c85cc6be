"""`python -m benchmarks NAME ...`: what measures speed and quality."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, cast

from benchmarks.peers import install_missing

if TYPE_CHECKING:
    from collections.abc import Callable

MODULES = {
    "forecast-file": "forecast_file",
    "import": "imports",
    "argus": "argus",
    "forecasting": "forecasting",
    "staffing": "staffing",
    "rostering": "rostering",
    "pages": "pages",
    "force": "force",
    "dashboard": "dashboard",
    "metrics": "metrics",
    "api": "api",
    "editing": "editing",
    "desk": "desk",
    "operations": "operations",
    "personnel": "personnel",
    "faults": "faults.run",
}


def main(argv: list[str]) -> int:
    """Run one benchmark and return its exit code; 2 for a name that does not exist."""
    if not argv or argv[0] not in MODULES:
        wanted = f"unknown benchmark {argv[0]!r}; " if argv and argv[0] not in {"-h", "--help"} else ""
        print(f"{wanted}usage: python -m benchmarks {{{','.join(MODULES)}}} ...", file=sys.stderr)
        return 2
    if not install_missing(argv[0]):
        return 1
    module = importlib.import_module(f"benchmarks.{MODULES[argv[0]]}")
    run = cast("Callable[[list[str]], int]", module.main)
    return run(argv[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
