"""The worker's side of the operation queue: claim, do, write the outcome; return what dead workers held."""

from apps.integrations.services.queue.claiming import any_claimable
from apps.integrations.services.queue.draining import drain
from apps.integrations.services.queue.leases import reap
from apps.integrations.services.queue.stopping import ask_to_stop

__all__ = ["any_claimable", "ask_to_stop", "drain", "reap"]
