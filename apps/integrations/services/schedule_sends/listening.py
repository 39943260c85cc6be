"""Published schedules and their changes, on their way to 1C."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from apps.core.events import receiver
from apps.integrations.services.schedule_sends.noticing import notice_change, people_of_variants

if TYPE_CHECKING:
    from apps.core.events import Event


@receiver("schedule.published", name="integrations.send_published_schedule")
def on_published(event: Event) -> None:
    """Tell 1C of everybody in the new schedule, and in the one that it replaces."""
    variants = [key for key in (event.data["variant_id"], event.data["replaces"]) if key]
    notice_change(_month(event), people_of_variants(variants))


@receiver("schedule.changed", name="integrations.send_changed_schedule")
def on_changed(event: Event) -> None:
    """Tell 1C of those whose published shifts an edit touched."""
    if event.data["is_published"]:
        notice_change(_month(event), event.data["employees"])


def _month(event: Event) -> dt.date:
    return dt.date.fromisoformat(f"{event.data['month']}-01")
