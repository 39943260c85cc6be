from apps.integrations.models.argus import ArgusImport, ArgusRefusal, ArgusUpload
from apps.integrations.models.connection import Connection
from apps.integrations.models.operation import Attempt, Operation
from apps.integrations.models.run import Run
from apps.integrations.models.sends import FactSend, ScheduleSend

__all__ = [
    "ArgusImport",
    "ArgusRefusal",
    "ArgusUpload",
    "Attempt",
    "Connection",
    "FactSend",
    "Operation",
    "Run",
    "ScheduleSend",
]
