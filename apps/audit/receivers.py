"""What the audit is told of that lower apps do: tables that leave as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.audit.services import record_about
from apps.core.web.downloads import witness_downloads

if TYPE_CHECKING:
    from apps.core.web.downloads import Download

LONGEST_DOOR = 100


@witness_downloads
def record_download(download: Download) -> None:
    """Record who took which table, how many rows of it and by which filters; no record, no file."""
    record_about(
        action="table.download",
        object_type="table",
        object_id=download.door[:LONGEST_DOOR],
        actor=download.actor,
        after={
            "table": download.table,
            "format": download.format,
            "rows": download.rows,
            "filters": download.filters,
        },
    )
