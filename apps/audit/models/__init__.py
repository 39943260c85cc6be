"""Who did what to which thing, with what it was before and after."""

from apps.audit.models.entry import AuditEntry

__all__ = ["AuditEntry"]
