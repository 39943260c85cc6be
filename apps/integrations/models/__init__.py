from apps.integrations.models.argus import ArgusImport, ArgusRefusal, ArgusUpload
from apps.integrations.models.connection import Connection
from apps.integrations.models.operation import Attempt, Operation
from apps.integrations.models.run import Run

__all__ = ["ArgusImport", "ArgusRefusal", "ArgusUpload", "Attempt", "Connection", "Operation", "Run"]
