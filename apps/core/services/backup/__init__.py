"""A backup is one file: what `pg_dump --format=custom` wrote, and behind it our manifest (see `archive`).

PostgreSQL's own tools read the file as it is; our restore also holds it against the manifest.
"""

from apps.core.services.backup.archive import BackupError
from apps.core.services.backup.dumping import back_up
from apps.core.services.backup.restoring import restore

__all__ = ["BackupError", "back_up", "restore"]
