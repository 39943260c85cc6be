from apps.monitoring.admin.directory import AgentLinkAdmin, AgentStatusAdmin, QueueLinkAdmin
from apps.monitoring.admin.sources import SourceAdmin

__all__ = ["AgentLinkAdmin", "AgentStatusAdmin", "QueueLinkAdmin", "SourceAdmin"]
