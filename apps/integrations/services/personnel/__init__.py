"""Personnel of 1C: asked for, compared, shown as a plan, applied; and who vanished from an answer."""

from apps.integrations.services.personnel.deciding import APPLY_JOB, apply_decision, decide, do_apply
from apps.integrations.services.personnel.reconciling import PERSONNEL, reconcile

__all__ = ["APPLY_JOB", "PERSONNEL", "apply_decision", "decide", "do_apply", "reconcile"]
