"""Libraries that benchmarks measure beside us: installed when first wanted, never by the product."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
WANTED = {
    "import": ("openpyxl", "pandas", "python_calamine"),
    "forecasting": ("pandas", "prophet", "statsforecast"),
    "staffing": ("pyworkforce",),
    "rostering": ("ortools",),
}


def install_missing(benchmark: str) -> bool:
    """Make the peers of `benchmark` importable; False, with a line on stderr, when that cannot be done."""
    missing = [name for name in WANTED.get(benchmark, ()) if importlib.util.find_spec(name) is None]
    if not missing:
        return True
    if Path(sys.prefix) != REPOSITORY / ".venv":
        wanted = ", ".join(missing)
        print(f"the peers {wanted} are missing: pip install -r requirements-bench.txt", file=sys.stderr)
        return False
    setup = [str(REPOSITORY / ".ci" / "setup"), "requirements-bench.txt"]
    done = subprocess.run(setup, check=False, stdout=sys.stderr)  # noqa: S603 - our own script
    importlib.invalidate_caches()
    return done.returncode == 0
