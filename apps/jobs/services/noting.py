"""Lines of a job's log, added in the database: the worker and whoever stops the job may write at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Func, JSONField, Value
from django.utils import translation

from apps.core import clock
from apps.jobs.models import Job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    from apps.core.phrases import Phrase

LOG_LINES = 200


def line_of(text: str) -> str:
    """Give a line of the log as it is kept: with its instant."""
    return f"{clock.now():%Y-%m-%dT%H:%M:%SZ} {text}"


def noted(lines: Sequence[str]) -> Func:
    """Give what the column `log` becomes when `lines` are added; the newest 200 are kept."""
    return Func(
        F("log"),
        Value(list(lines), output_field=JSONField()),
        template=f"jsonb_path_query_array(%(expressions)s, '$[last - {LOG_LINES - 1} to last]')",
        arg_joiner=" || ",
        output_field=JSONField(),
    )


def note(job: Job, phrase: Phrase) -> None:
    """Add what the system says to the log, in the language of whoever started the job."""
    with translation.override(job.language or None):
        text = str(phrase)
    Job.objects.filter(pk=job.pk).update(log=noted([line_of(text)]))


def name_of(actor: AbstractBaseUser | AnonymousUser) -> str:
    """Give how the log names a person."""
    return str(actor.get_username())
