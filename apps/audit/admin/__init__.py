from apps.audit.admin.entry import AuditEntryAdmin

__all__ = ["AuditEntryAdmin"]
