from apps.integrations.models.argus import ArgusImport, ArgusRefusal, ArgusUpload
from apps.integrations.models.call import Call, CallHour
from apps.integrations.models.connection import Connection
from apps.integrations.models.credential import Credential
from apps.integrations.models.health import Breaker, ConnectionHealth
from apps.integrations.models.onec import PersonLink, PlannedChange
from apps.integrations.models.operation import Attempt, Operation
from apps.integrations.models.run import Run
from apps.integrations.models.schedule import RunSchedule
from apps.integrations.models.sends import FactSend, ScheduleSend
from apps.integrations.models.webhook import WebhookEndpoint, WebhookMessage

__all__ = [
    "ArgusImport",
    "ArgusRefusal",
    "ArgusUpload",
    "Attempt",
    "Breaker",
    "Call",
    "CallHour",
    "Connection",
    "ConnectionHealth",
    "Credential",
    "FactSend",
    "Operation",
    "PersonLink",
    "PlannedChange",
    "Run",
    "RunSchedule",
    "ScheduleSend",
    "WebhookEndpoint",
    "WebhookMessage",
]
