from apps.integrations.models.connection import Connection
from apps.integrations.models.operation import Attempt, Operation
from apps.integrations.models.run import Run

__all__ = ["Attempt", "Connection", "Operation", "Run"]
