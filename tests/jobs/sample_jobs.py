"""Kinds of jobs for the tests, in the test process and in real workers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from apps.core.errors import DomainError
from apps.core.phrases import Phrase
from apps.jobs.models import Job
from apps.jobs.registry import job_handler

if TYPE_CHECKING:
    from apps.jobs.registry import JobContext


class SolverBrokeError(Exception):
    pass


@job_handler("tests.add")
def add(context: JobContext) -> dict[str, Any]:
    context.progress(0.5, Phrase.plain("adding"))
    context.log("two numbers")
    return {"sum": context.params["a"] + context.params["b"], "url": "/sum/"}


@job_handler("tests.refuse")
def refuse(_context: JobContext) -> None:
    raise DomainError("The forecast ends too early.")


@job_handler("tests.break")
def break_down(_context: JobContext) -> None:
    raise SolverBrokeError("secret figures")


@job_handler("tests.until_cancelled")
def until_cancelled(context: JobContext) -> None:
    for _ in range(600):
        context.check_cancelled()
        time.sleep(0.05)


@job_handler("tests.slow_once")
def slow_once(context: JobContext) -> dict[str, Any]:
    """Hang in the first attempt, to be killed; end in the second."""
    attempt = Job.objects.get(pk=context.job_id).attempts
    context.progress(0.3, Phrase.plain(f"attempt {attempt}"))
    if attempt == 1:
        time.sleep(3600)
    return {"attempt": attempt}
