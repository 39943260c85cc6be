"""Long work as rows: what was asked, how far it is, what came of it."""

from apps.jobs.models.job import Job

__all__ = ["Job"]
