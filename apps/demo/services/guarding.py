"""The demo keeps to its own data: it starts on an empty database or on its own."""

from __future__ import annotations

import os

from django.core.management import call_command
from django.db import connection

from apps.core.errors import ConflictError
from apps.demo.services.staff import PREFIX
from apps.organization.models import Employee


def refuse_foreign_people() -> None:
    """Refuse a database that holds people who are not the demo's."""
    if Employee.objects.exclude(external_id__startswith=PREFIX).exists():
        raise ConflictError(
            "This database holds people who are not the demo's: give the demo a database of its own."
        )


def forget_everything() -> None:
    """Empty the bundled database; one that somebody else runs is not ours to empty."""
    if os.environ.get("DATABASE_URL"):
        raise ConflictError(
            "RESET empties the bundled database only: empty the one of DATABASE_URL yourself, or unset it."
        )
    if _others_connected():
        raise ConflictError("A site or a worker uses this database now: stop it first, then RESET=1 again.")
    call_command("flush", interactive=False, verbosity=0)


def _others_connected() -> bool:
    """Tell whether anybody else holds a connection: a running site always keeps one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return bool(cursor.fetchone()[0])
