"""What a run counted and could not take, as it is shown with the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.integrations.types import RunInHand
    from apps.monitoring.types import Problem, Received

MOST_PROBLEMS = 5_000


def note(run: RunInHand, problems: Iterable[Problem]) -> None:
    """Add problems to those of a run."""
    room = MOST_PROBLEMS - len(run.problems)
    run.problems += [
        {"subject": problem.subject, "field": problem.field, "reason": str(problem.reason)}
        for problem in list(problems)[: max(room, 0)]
    ]


def add_up(run: RunInHand, received: Received) -> None:
    """Add what became of a delivery to the counts and problems of a run."""
    for name, value in (
        ("written", received.appended),
        ("unchanged", received.repeated),
        ("refused", len(received.refused)),
    ):
        run.counts[name] = run.counts.get(name, 0) + value
    note(run, received.refused)
