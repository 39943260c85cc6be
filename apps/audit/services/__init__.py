"""The one way into the audit."""

from apps.audit.services.recording import record, record_about

__all__ = ["record", "record_about"]
