"""Published schedules to 1C: ask for months to be sent, send them, know what 1C holds."""

from apps.integrations.services.schedule_sends.asking import Requested, request_schedules
from apps.integrations.services.schedule_sends.noticing import notice_change
from apps.integrations.services.schedule_sends.queueing import PURPOSE
from apps.integrations.services.schedule_sends.telling import GivenSchedule, request_given

__all__ = ["PURPOSE", "GivenSchedule", "Requested", "notice_change", "request_given", "request_schedules"]
