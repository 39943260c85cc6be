"""Start, run, cancel and repeat jobs; bring back those that a dead worker held; forget old ones."""

from apps.jobs.services.cancelling import cancel
from apps.jobs.services.pruning import prune
from apps.jobs.services.repeating import repeat
from apps.jobs.services.running import run, run_now
from apps.jobs.services.seeing import mark_seen
from apps.jobs.services.starting import refuse_second, start
from apps.jobs.services.sweeping import sweep

__all__ = ["cancel", "mark_seen", "prune", "refuse_second", "repeat", "run", "run_now", "start", "sweep"]
