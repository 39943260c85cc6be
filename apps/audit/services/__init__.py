"""The one way into the audit."""

from apps.audit.services.recording import Change, record, record_about, record_many

__all__ = ["Change", "record", "record_about", "record_many"]
