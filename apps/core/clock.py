"""The one source of the present moment, so that tests can move it."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """Give the current instant, in UTC."""
    return timezone.now()
