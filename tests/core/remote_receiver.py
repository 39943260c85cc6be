"""A receiver that a worker imports."""

from apps.core import events


@events.receiver("month.planned", name="remote")
def take(_event: events.Event) -> None:
    pass
