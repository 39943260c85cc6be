"""Write operations into the queue; cancel, retry and replay them; forget old ones."""

from apps.integrations.services.operations.adding import WORK_TASK, add_operations
from apps.integrations.services.operations.pruning import prune
from apps.integrations.services.operations.steering import cancel, replay, retry

__all__ = ["WORK_TASK", "add_operations", "cancel", "prune", "replay", "retry"]
