from apps.integrations.admin.connection import CallAdmin, ConnectionAdmin, RunAdmin
from apps.integrations.admin.operation import OperationAdmin

__all__ = ["CallAdmin", "ConnectionAdmin", "OperationAdmin", "RunAdmin"]
