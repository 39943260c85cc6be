"""Personnel of 1C: asked for, compared, shown as a plan, applied; and who vanished from an answer."""

from apps.integrations.services.personnel.deciding import apply_decision, decide
from apps.integrations.services.personnel.reconciling import PERSONNEL, reconcile

__all__ = ["PERSONNEL", "apply_decision", "decide", "reconcile"]
