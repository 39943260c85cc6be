"""Figures for a monitor: counted in each process, summed in Redis, asked of the database when scraped.

The answer is about the whole installation, whichever process gives it (see `docs/operations.md`). The files
of prometheus-client's own multiprocess mode were not taken: one is left by every process that ever lived,
each is read at every scrape, workers on another machine have others, and figures of the database would need
a second registry.
"""

from apps.core.metrics.counting import count_request, count_task
from apps.core.metrics.sharing import announce, flush, mark
from apps.core.metrics.sources import collect, metric_source

__all__ = ["announce", "collect", "count_request", "count_task", "flush", "mark", "metric_source"]
