"""What this machine gives a process: open files, disk, a folder to write to."""

from __future__ import annotations

import resource
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from apps.core.doctor.lines import Level, examination, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.core.doctor.lines import Line

GIB = 1 << 30
FAIL_FREE, WARN_FREE = GIB // 2, 2 * GIB
FEW_FILES, TOO_FEW_FILES = 1024, 256


@examination("machine")
def machine() -> Iterator[Line]:
    """Look at limits and at the folder of local state."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield judged(
        "machine.open_files",
        f"{soft} allowed (up to {hard})",
        f"Allow {FEW_FILES} or more: `ulimit -n`, or LimitNOFILE of the service.",
        fail=0 <= soft < TOO_FEW_FILES,
        warn=0 <= soft < FEW_FILES,
    )
    folder = Path(settings.VAR_DIR)
    writable = _writable(folder)
    yield writable
    if writable.level is not Level.OK:
        return
    free = shutil.disk_usage(folder).free
    yield judged(
        "machine.disk",
        f"{free / GIB:.1f} GiB free at {folder}",
        "Free space, or set WFM_VAR to a folder on a larger disk.",
        fail=free < FAIL_FREE,
        warn=free < WARN_FREE,
    )


def _writable(folder: Path) -> Line:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
            file.flush()
    except OSError as error:
        return judged(
            "machine.var_folder",
            f"{folder}: {error.strerror}",
            "Set WFM_VAR to a folder that this user may write to.",
            fail=True,
        )
    return judged("machine.var_folder", str(folder), "")
