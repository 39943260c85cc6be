"""What the loader of a table is given: where its rows go, what to count, whom to tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.accounts.models import User
    from apps.integrations.services.argus.table import Report
    from apps.jobs.registry import JobContext

RowT = TypeVar("RowT")
READING_SHARE = 0.3  # of the progress bar


@dataclass(frozen=True)
class Numbered(Generic[RowT]):
    """A row that could be read, and its line in the file."""

    line: int
    row: RowT


@dataclass
class Work:
    """One import in hand; `notes` is what people should know besides the counts (JSON).

    `loaded` rows were (or, in a dry run, would be) written, `unchanged` ones were there already.
    """

    target: Mapping[str, Any]
    actor: User | None
    dry_run: bool
    report: Report
    source: str
    job: JobContext | None = None
    loaded: int = 0
    unchanged: int = 0
    notes: dict[str, Any] = field(default_factory=dict)

    def tell(self, done: int, of: int) -> None:
        """Say how many rows are done; raises `JobCancelled` when asked to stop."""
        if self.job is not None:
            self.job.check_cancelled()
            share = READING_SHARE + (1 - READING_SHARE) * (done / of if of else 1)
            self.job.progress(
                share, Phrase(_("Loading: %(done)d of %(rows)d rows"), {"done": done, "rows": of})
            )
