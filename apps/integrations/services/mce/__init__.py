"""MCE/Oktell live: one session for each connection, the socket while it lasts, else the list of agents."""

from apps.integrations.services.mce.session import Session
from apps.integrations.services.mce.supervising import Sessions

__all__ = ["Session", "Sessions"]
