"""The round trip of an edit as the page makes it: form, effect, save and undo, each one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from apps.schedules.models import Shift
    from benchmarks.pages_data import MonthOfPeople

HTMX = {"HX-Request": "true"}
OK = 200


class EditRounds:
    """Edits of one shift after another from the month grid."""

    def __init__(self, client: Client, made: MonthOfPeople) -> None:
        self.client = client
        self.variant = made.variant
        self.place = f"/planning/{made.group.code}/{made.month:%Y-%m}/schedule/"
        self.shifts = list(made.variant.shifts.order_by("local_date", "pk")[::97])
        self.round = 0

    def steps(self) -> dict[str, Callable[[], Any]]:
        """Give the requests of one round, about the next shift."""
        shift = self.shifts[self.round % len(self.shifts)]
        self.round += 1
        cells = f"{shift.employee_id}:{shift.local_date}"
        sent = self._filled(shift, cells)
        form = f"{self.place}edit/?variant={self.variant.pk}&cells={cells}"
        back = {"variant": self.variant.pk, "back": self.place}
        return {
            "edit form": lambda: self._answered(self.client.get(form, headers=HTMX)),
            "edit effect": lambda: self._post("edit/effect/", sent),
            "edit saved": lambda: self._post("edit/", sent),
            "edit undone": lambda: self._post("undo/", back),
        }

    def _filled(self, shift: Shift, cells: str) -> dict[str, object]:
        planned = self.variant.people.get(employee=shift.employee_id)
        zone = ZoneInfo(planned.time_zone)
        start, end = (moment.astimezone(zone) for moment in (shift.start, shift.end))
        return {
            "variant": self.variant.pk,
            "cells": cells,
            "kind": "resize",
            "seen": f"{shift.pk}:0",
            "back": self.place,
            "start": f"{(start.hour + 1) % 24:02d}:{start.minute:02d}",
            "end": f"{(end.hour + 1) % 24:02d}:{end.minute:02d}",
        }

    def _post(self, path: str, data: dict[str, object]) -> Any:
        return self._answered(self.client.post(f"{self.place}{path}", data, headers=HTMX))

    def _answered(self, answer: Any) -> Any:
        if answer.status_code != OK:
            raise RuntimeError(f"{answer.status_code}: {answer.content.decode()[:2000]}")
        return answer
