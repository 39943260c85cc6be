"""The demo keeps to its own data: it starts on an empty database or on its own."""

from __future__ import annotations

import os

from django.core.management import call_command

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
    call_command("flush", interactive=False, verbosity=0)
