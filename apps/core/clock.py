"""The one source of the present moment, so that tests can move it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

if TYPE_CHECKING:
    import datetime as dt


def now() -> dt.datetime:
    """Give the current instant, in UTC."""
    return timezone.now()
