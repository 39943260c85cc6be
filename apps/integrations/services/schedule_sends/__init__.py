"""Published schedules to 1C: ask for months to be sent, send them, know what 1C holds."""

from apps.integrations.services.schedule_sends.asking import Requested, request_schedules
from apps.integrations.services.schedule_sends.noticing import (
    CHANGE_KIND,
    notice_change,
    queue_changed,
    repeat_changed,
)
from apps.integrations.services.schedule_sends.queueing import PURPOSE
from apps.integrations.services.schedule_sends.telling import GivenSchedule, request_given

__all__ = [
    "CHANGE_KIND",
    "PURPOSE",
    "GivenSchedule",
    "Requested",
    "notice_change",
    "queue_changed",
    "repeat_changed",
    "request_given",
    "request_schedules",
]
