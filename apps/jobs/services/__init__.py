"""Start, run and cancel jobs; bring back those that a dead worker held."""

from apps.jobs.services.cancelling import cancel
from apps.jobs.services.running import run, run_now
from apps.jobs.services.starting import refuse_second, start
from apps.jobs.services.sweeping import sweep

__all__ = ["cancel", "refuse_second", "run", "run_now", "start", "sweep"]
