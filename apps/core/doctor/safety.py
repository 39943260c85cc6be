"""Django's checks and ours; in production also those of a deployment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.checks import ERROR, run_checks

from apps.core.doctor.lines import Level, Line, examination

if TYPE_CHECKING:
    from collections.abc import Iterator


@examination("settings")
def safety() -> Iterator[Line]:
    """Give each complaint of `manage.py check` as a line."""
    module = os.environ.get("DJANGO_SETTINGS_MODULE", "")
    deployed = module.endswith(".prod")
    complaints = [
        message
        for message in run_checks(include_deployment_checks=deployed)
        if message.id not in settings.SILENCED_SYSTEM_CHECKS
    ]
    for message in complaints:
        level = Level.FAIL if message.level >= ERROR else Level.WARN
        yield Line(level, f"settings.{message.id}", message.msg, message.hint or "")
    if not complaints:
        kind = "for production" if deployed else "for development"
        yield Line(Level.OK, "settings", f"{module}: no complaints ({kind})")
