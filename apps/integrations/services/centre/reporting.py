"""What a run counted and could not take, as it is shown with the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.integrations.types import RunInHand
    from apps.monitoring.types import Problem, Received

MOST_PROBLEMS = 5_000


def note(run: RunInHand, problems: Iterable[Problem]) -> None:
    """Add problems to those of a run, each once: what is asked for by day is told again by day."""
    told = {(known["subject"], known["field"], known["reason"]) for known in run.problems}
    for problem in problems:
        facts = (problem.subject, problem.field, str(problem.reason))
        if facts not in told and len(run.problems) < MOST_PROBLEMS:
            told.add(facts)
            run.problems.append({"subject": facts[0], "field": facts[1], "reason": facts[2]})


def add_up(run: RunInHand, received: Received) -> None:
    """Add what became of a delivery to the counts and problems of a run."""
    for name, value in (
        ("written", received.appended),
        ("unchanged", received.repeated),
        ("refused", len(received.refused)),
    ):
        run.counts[name] = run.counts.get(name, 0) + value
    note(run, received.refused)
