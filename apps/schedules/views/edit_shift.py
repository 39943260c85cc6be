"""The form that edits what is selected in a grid, and the effect that it would have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.shortcuts import render
from django.urls import reverse
from django.views import View

from apps.core.errors import ConflictError, DomainError, NotAllowedError, StaleError
from apps.core.web.pages import PageMixin
from apps.schedules.choices import EditSource
from apps.schedules.errors import RuleBrokenError, UnseenEffectError
from apps.schedules.models import ShiftChange
from apps.schedules.selectors.edit_log import history_of
from apps.schedules.selectors.selection import people_choices
from apps.schedules.services import editing
from apps.schedules.views.edit_answer import answer, grid_address
from apps.schedules.views.edit_task import editable_variant, read_task, seen_text
from apps.schedules.views.effect_figures import effect_context, shown_text
from apps.schedules.views.place import place_of

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpRequest, HttpResponse

    from apps.schedules.types import EditOutcome, Effect
    from apps.schedules.views.edit_task import EditTask
    from apps.schedules.views.place import Place

OK, BAD_INPUT = 200, 400
NEUTRAL = {"required", "unchanged"}
"""What a form lacks while it is being filled is no fault yet."""


class EditPage(PageMixin, View):
    """The form of an edit; for htmx the part that stands in the dialog. A POST saves what was shown."""

    def get(self, request: HttpRequest, group: str, month: dt.date) -> HttpResponse:
        place = place_of(request, group, month)
        if not request.GET.get("cells") and not request.GET.get("person"):
            return self._find(request, place)
        task = read_task(request.user, place, request.GET, is_filled=False)
        return _form(request, task)

    def post(self, request: HttpRequest, group: str, month: dt.date) -> HttpResponse:
        place = place_of(request, group, month)
        task = read_task(request.user, place, request.POST, is_filled=True)
        try:
            task.check_fresh()
            if not task.form.is_valid():
                return _form(request, task, status=BAD_INPUT)
            outcome = _save(request, task)
        except NotAllowedError:
            raise
        except StaleError as error:
            return _form(request, task, stale=_news(request, task), status=error.status)
        except UnseenEffectError as error:
            status = error.status if request.POST.get("shown") else OK
            return _form(request, task, effect=error.effect, status=status)
        except DomainError as error:
            return _form(request, task, refusal=error, status=error.status)
        return answer(request, place, task.variant, outcome)

    def _find(self, request: HttpRequest, place: Place) -> HttpResponse:
        """Let choose a person and a day by name, for whom is not in the grid and where no script runs."""
        variant = editable_variant(request.user, place, request.GET)
        people = people_choices(variant, request.user)
        context = {"place": place, "variant": variant, "people": people, "edit_url": request.path}
        return _page(request, "schedules/edit_find.html", context | {"back": _back(request, place)})


class EditEffect(PageMixin, View):
    """What the form as it stands would do; nothing is written."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, group: str, month: dt.date) -> HttpResponse:
        place = place_of(request, group, month)
        task = read_task(request.user, place, request.POST, is_filled=True)
        return render(request, "schedules/edit_effect.html", self._context(request, task))

    def _context(self, request: HttpRequest, task: EditTask) -> dict[str, Any]:
        context: dict[str, Any] = {"is_stale": False, "zone": task.selection.cell.zone}
        if not task.form.is_valid():
            return context | {"faults": _faults(task)}
        try:
            effect = self._effect(request, task, context)
        except ConflictError as error:
            return context | {"faults": [error.message], "is_refused": True}
        except NotAllowedError:
            raise
        except DomainError as error:
            return context | {"faults": _texts(error), "is_refused": True}
        return context | _effect_context(task, effect)

    def _effect(self, request: HttpRequest, task: EditTask, context: dict[str, Any]) -> Effect:
        """Give the effect on the shifts as they are now, and note in `context` when the form is older."""
        try:
            task.check_fresh()
            return _preview(request, task, task.expected)
        except StaleError:
            context["is_stale"] = True
            return _preview(request, task, None)


def _preview(request: HttpRequest, task: EditTask, expected: dict[int, int] | None) -> Effect:
    return editing.preview(
        variant_id=task.variant.pk,
        commands=task.form.commands,
        actor=cast("Any", request.user),
        expected=expected,
    )


def _effect_context(task: EditTask, effect: Effect) -> dict[str, Any]:
    return effect_context(effect, task.selection.cell.zone) | {
        "shown": shown_text(task.form.commands, effect)
    }


def _save(request: HttpRequest, task: EditTask) -> EditOutcome:
    def refuse_unseen(effect: Effect) -> None:
        if request.POST.get("shown") != shown_text(task.form.commands, effect):
            raise UnseenEffectError(effect)

    return editing.apply(
        variant_id=task.variant.pk,
        commands=task.form.commands,
        actor=cast("Any", request.user),
        expected=task.expected,
        source=EditSource.PAGE,
        reason=task.form.cleaned_data["reason"],
        agree=refuse_unseen,
    )


def _form(
    request: HttpRequest,
    task: EditTask,
    *,
    refusal: DomainError | None = None,
    stale: Any = None,
    effect: Effect | None = None,
    status: int = OK,
) -> HttpResponse:
    names = [task.place.group.code, task.place.code]
    values = request.POST if request.method == "POST" else request.GET
    context = {
        "section": "schedule",
        "place": task.place,
        "variant": task.variant,
        "selection": task.selection,
        "form": task.form,
        "kinds": [(kind.name, kind.title) for kind in task.kinds],
        "seen": seen_text(task),
        "cells": values.get("cells") or task.selection.text,
        "sources": values.get("sources", ""),
        "refusal": refusal,
        "findings": refusal.extra.get("violations", []) if isinstance(refusal, RuleBrokenError) else [],
        "stale": stale,
        "back": _back(request, task.place),
        "edit_url": reverse("schedules:edit", args=names),
        "effect_url": reverse("schedules:edit-effect", args=names),
    }
    if effect is not None:
        context |= _effect_context(task, effect)
    return _page(request, "schedules/edit_form.html", context, status)


def _page(request: HttpRequest, part: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Give the part alone to htmx, else a page that holds it."""
    if request.headers.get("HX-Request") == "true":
        return render(request, part, context, status=status)
    return render(
        request, "schedules/edit_page.html", {"section": "schedule", **context, "part": part}, status=status
    )


def _back(request: HttpRequest, place: Place) -> str:
    return grid_address(request, place).path


def _news(request: HttpRequest, task: EditTask) -> list[Any]:
    """Give who changed the selected shifts last, gone ones too; what was seen is the sender's word."""
    people = {cell.employee_id for cell in task.selection.cells}
    theirs = ShiftChange.objects.filter(
        shift_id__in=task.seen, edit__variant=task.variant, employee__in=people
    )
    shifts = {*theirs.values_list("shift_id", flat=True), *task.current}
    histories = (history_of(task.variant, request.user, shift) for shift in sorted(shifts)[:3])
    found = [line for history in histories for line in history[:1]]
    return found or [None]


def _faults(task: EditTask) -> list[str]:
    """Give what is wrong with what was typed; what is only not typed yet is not told."""
    return [
        str(text)
        for errors in task.form.errors.as_data().values()
        for error in errors
        if error.code not in NEUTRAL
        for text in error.messages
    ]


def _texts(error: DomainError) -> list[str]:
    return [
        error.message,
        *(text for texts in error.fields.values() for text in texts if text != error.message),
    ]
