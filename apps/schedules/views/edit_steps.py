"""Undo and redo of one's own edits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, cast

from django.views import View

from apps.core.errors import StaleError
from apps.core.web.pages import PageMixin
from apps.schedules.services import editing
from apps.schedules.views.edit_answer import answer, grid_address, newer
from apps.schedules.views.edit_task import editable_variant
from apps.schedules.views.place import place_of

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpRequest, HttpResponse

    from apps.schedules.types import EditOutcome


class _Step(PageMixin, View, ABC):
    """A POST that steps through the person's own edits of a variant."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, group: str, month: dt.date) -> HttpResponse:
        place = place_of(request, group, month)
        variant = editable_variant(request.user, place, request.POST)
        try:
            outcome = self.step(variant.pk, cast("Any", request.user))
        except StaleError as error:
            if request.headers.get("HX-Request") != "true":
                raise
            return newer(request, place, variant, error)
        return answer(request, place, variant, outcome)

    @abstractmethod
    def step(self, variant_id: int, actor: Any) -> EditOutcome: ...

    def get_refused_url(self) -> str:
        return grid_address(self.request, place_of(self.request, **self.kwargs)).path


class Undo(_Step):
    """Undo the last edit; `skip` names overtaken ones that the page has shown: they stay as they are."""

    def step(self, variant_id: int, actor: Any) -> EditOutcome:
        shown = self.request.POST.get("skip", "").split(",")
        skips = False
        if shown != [""]:
            overtaken, _next = editing.what_undo_skips(variant_id=variant_id, actor=actor)
            skips = {str(edit.pk) for edit in overtaken} <= set(shown)
        return editing.undo(variant_id=variant_id, actor=actor, skip_overtaken=skips)


class Redo(_Step):
    def step(self, variant_id: int, actor: Any) -> EditOutcome:
        return editing.redo(variant_id=variant_id, actor=actor)
