"""Special days and events: the list, and the form of one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core import clock
from apps.core.errors import DomainError
from apps.core.web.pages import PageMixin
from apps.core.web.place import recall
from apps.demand.forms import SpecialDayForm
from apps.demand.models import SpecialDay
from apps.demand.models.special_days import DAY_MINUTES
from apps.demand.selectors import combined_days
from apps.demand.services.special_days import delete_special_day, save_special_day
from apps.organization.models import Queue

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from apps.accounts.models import User

FIELDS = {"to_minute": "to_time", "from_minute": "from_time"}
NEAREST_DAYS = 60
MOST_ROWS = 500
AHEAD = dt.timedelta(days=400)


class SpecialDaysPage(PageMixin, View):
    """Special days by date: those to come and of the last two months, or all; of one queue or of all."""

    def get(self, request: HttpRequest) -> HttpResponse:
        require(request.user, Capability.VIEW_PLANNING)
        since, queue, rows = special_days_of(request)
        place = queue or Queue.objects.filter(code=recall(request, "queue")).first() or Queue.objects.first()
        context = {
            "section": "history",
            "tab": "special",
            "rows": rows[:MOST_ROWS],
            "queues": Queue.objects.all(),
            "chosen": queue,
            "queue": place,
            "shows_all": request.GET.get("all") == "1",
            "combined": combined_days(place, since, since + AHEAD) if place else [],
        }
        return render(request, "demand/special_days.html", context)


def special_days_of(request: HttpRequest) -> tuple[dt.date, Queue | None, QuerySet[SpecialDay]]:
    """Give the day from which they matter, the queue of the address, and the special days of both."""
    rows = SpecialDay.objects.select_related("queue", "created_by")
    code = request.GET.get("queue", "")
    queue = Queue.objects.filter(code=code).first() if code else None
    if queue:
        mine = Q(queue=queue) | Q(queue=None, calendar_code="")
        if queue.calendar_code:
            mine |= Q(queue=None, calendar_code=queue.calendar_code)
        rows = rows.filter(mine)
    since = clock.now().date() - dt.timedelta(days=NEAREST_DAYS)
    if request.GET.get("all") != "1":
        rows = rows.filter(last_day__gte=since)
    return since, queue, rows


class SpecialDayPage(PageMixin, View):
    """The form of one special day, new or known."""

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        require(request.user, Capability.CORRECT_HISTORY)
        row = get_object_or_404(SpecialDay, pk=pk) if pk else None
        form = SpecialDayForm(initial=_filled(row) if row else _proposed(request))
        return self._shown(request, form, row)

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        require(request.user, Capability.CORRECT_HISTORY)
        row = get_object_or_404(SpecialDay, pk=pk) if pk else None
        form = SpecialDayForm(request.POST)
        if not form.is_valid():
            return self._shown(request, form, row, status=422)
        try:
            saved = save_special_day(
                facts=form.facts(),
                special_day_id=pk,
                seen=_seen(form),
                actor=cast("User", request.user),
            )
        except DomainError as error:
            for field, reasons in error.fields.items() or [("", [error.message])]:
                name = FIELDS.get(field, field)
                form.add_error(name if name in form.fields else None, reasons)
            return self._shown(request, form, row, status=error.status)
        messages.success(request, _("%(name)s is kept.") % {"name": saved.name})
        return HttpResponseRedirect(reverse("demand:special-days-page"))

    def _shown(
        self, request: HttpRequest, form: SpecialDayForm, row: SpecialDay | None, status: int = 200
    ) -> HttpResponse:
        context = {"section": "history", "form": form, "row": row}
        return render(request, "demand/special_day.html", context, status=status)


class SpecialDayDelete(PageMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        delete_special_day(special_day_id=pk, actor=cast("User", request.user))
        messages.success(request, _("The special day was deleted."))
        return HttpResponseRedirect(reverse("demand:special-days-page"))

    def get_refused_url(self) -> str:
        return reverse("demand:special-days-page")


def _seen(form: SpecialDayForm) -> dt.datetime | None:
    text = form.cleaned_data["seen"]
    try:
        return dt.datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise DomainError(_("The form is damaged: open it again.")) from error


def _filled(row: SpecialDay) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": row.kind,
        "first_day": row.first_day,
        "last_day": row.last_day,
        "from_time": _clock(row.from_minute) if not row.is_whole_day else None,
        "to_time": _clock(row.to_minute) if row.to_minute < DAY_MINUTES else None,
        "coefficient": row.coefficient,
        "queue": row.queue_id,
        "calendar_code": row.calendar_code,
        "note": row.note,
        "seen": row.updated_at.isoformat(),
    }


def _proposed(request: HttpRequest) -> dict[str, Any]:
    """Fill a new form with what the address proposes."""
    asked = {name: request.GET[name] for name in ("name", "first_day", "coefficient") if name in request.GET}
    if "first_day" in asked:
        asked["last_day"] = asked["first_day"]
    if request.GET.get("queue"):
        found = Queue.objects.filter(code=request.GET["queue"]).values_list("pk", flat=True).first()
        return asked | {"queue": found}
    return asked


def _clock(minute: int) -> dt.time:
    return dt.time(minute // 60, minute % 60)
