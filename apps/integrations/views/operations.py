"""The operation queue as people see it: what waits, what failed and why, and what they may do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views import View
from django.views.generic import DetailView, ListView

from apps.accounts.policies import Capability, require
from apps.core.errors import DomainError
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.core.web.pages import PageMixin
from apps.integrations.choices import FailureClass, OperationState
from apps.integrations.models import Attempt, Connection, Operation
from apps.integrations.models.operation import HIGHEST, LOWEST
from apps.integrations.registry import find_operation_kind, operation_kind_label
from apps.integrations.selectors import operations as selectors
from apps.integrations.services.operations import cancel, replay, retry
from apps.integrations.services.operations.steering import CANCELLABLE, MOST_AT_ONCE, REPLAYABLE, RETRIABLE

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from apps.accounts.models import User

PER_PAGE = 50
DIGITS = 18
FILTERS = ("connection", "kind", "state", "failure", "priority", "age", "run")
AGES = (
    ("hour", gettext_lazy("Older than an hour")),
    ("day", gettext_lazy("Older than a day")),
    ("week", gettext_lazy("Older than a week")),
)
DONE = {
    "cancel": ngettext_lazy("%(count)s operation cancelled.", "%(count)s operations cancelled.", "count"),
    "retry": ngettext_lazy("%(count)s operation waits again.", "%(count)s operations wait again.", "count"),
    "replay": ngettext_lazy("%(count)s operation sent again.", "%(count)s operations sent again.", "count"),
}


def chosen_filters(request: HttpRequest) -> dict[str, str]:
    """Give the filters of the list that the address names."""
    return {name: request.GET.get(name, "")[:64] for name in FILTERS}


class OperationListPage(PageMixin, ListView[Operation]):
    """Operations by connection, kind, state, failure, priority and age, newest first."""

    template_name = "integrations/operations.html"
    context_object_name = "operations"
    paginate_by = PER_PAGE
    extra_context = {
        "section": "integrations",
        "tab": "operations",
        "states": OperationState.choices,
        "failures": FailureClass.choices,
        "priorities": range(HIGHEST, LOWEST + 1),
        "ages": AGES,
        "most": MOST_AT_ONCE,
    }

    def get_queryset(self) -> QuerySet[Operation]:
        require(self.request.user, Capability.VIEW_INTEGRATIONS)
        rows = selectors.listed_operations(self.request.user, **chosen_filters(self.request))
        return rows.defer(*selectors.HEAVY)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs,
            chosen=chosen_filters(self.request),
            is_filtered=any(chosen_filters(self.request).values()),
            connections=Connection.objects.values_list("code", "name"),
            kinds=selectors.kinds_of_operations(self.request.user),
        )


class OperationPage(PageMixin, DetailView[Operation]):
    """One operation: what is to be done, each attempt with request and answer, what may be done about it."""

    template_name = "integrations/operation.html"
    context_object_name = "operation"
    extra_context = {"section": "integrations", "tab": "operations"}

    def get_queryset(self) -> QuerySet[Operation]:
        require(self.request.user, Capability.VIEW_INTEGRATIONS)
        rows = selectors.visible_operations(self.request.user)
        return rows.select_related("connection", "requested_by", "run", "replay_of")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind = find_operation_kind(self.object.kind)
        state = OperationState(self.object.state)
        return super().get_context_data(
            **kwargs,
            attempts=Attempt.objects.filter(operation=self.object).order_by("-number")[:PER_PAGE],
            replays=self.object.replays.order_by("pk")[:PER_PAGE],
            may_cancel=state in CANCELLABLE,
            may_retry=state in RETRIABLE,
            may_replay=state in REPLAYABLE,
            may_double=kind is not None and not kind.repeatable,
        )


class SteerOperations(PageMixin, View):
    """Cancel, retry or replay one operation, those that are ticked, or all that fit the filters."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        action = request.POST.get("action", "")
        if action not in DONE:
            raise DomainError(_("Choose what is to be done."))
        rows = self._do(action, self._ids(), request.POST.get("reason", ""))
        messages.success(request, DONE[action] % {"count": len(rows)})
        if action == "replay" and len(rows) == 1:
            return HttpResponseRedirect(reverse("integrations:operation-page", args=[rows[0].pk]))
        return HttpResponseRedirect(self.get_refused_url())

    def _do(self, action: str, ids: list[int], reason: str) -> list[Operation]:
        actor = cast("User", self.request.user)
        if action == "cancel":
            return cancel(ids, actor=actor, reason=reason)
        confirmed = self.request.POST.get("confirmed") == "on"
        return (retry if action == "retry" else replay)(ids, actor=actor, reason=reason, confirmed=confirmed)

    def _ids(self) -> list[int]:
        """Give the operations that are meant; of those that fit the filters the ones it can be done with."""
        if self.request.POST.get("all") != "on":
            ticked = self.request.POST.getlist("operation")[: MOST_AT_ONCE + 1]
            ids = [int(key) for key in ticked if key.isascii() and key.isdigit() and len(key) <= DIGITS]
            if not ids:
                raise DomainError(_("Choose at least one operation."))
            return ids
        states = {"cancel": CANCELLABLE, "retry": RETRIABLE, "replay": REPLAYABLE}
        fits = selectors.listed_operations(self.request.user, **chosen_filters(self.request))
        fits = fits.filter(state__in=states[self.request.POST["action"]])
        ids = list(fits.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        if not ids:
            raise DomainError(_("No operation fits these filters"))
        return ids

    def get_refused_url(self) -> str:
        back = self.request.POST.get("next", "")
        ours = url_has_allowed_host_and_scheme(back, {self.request.get_host()}) and back.startswith("/")
        return back if ours else reverse("integrations:operations-page")


class OperationsDownload(DownloadView):
    """The operations as a file, as the filters in the address say."""

    def table(self, request: HttpRequest, **_place: Any) -> Table:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        rows = selectors.listed_operations(request.user, **chosen_filters(request))
        return Table(
            name=_("Operations"),
            columns=[
                Column(_("Number"), lambda row: row.pk, Kind.INTEGER),
                Column(_("Connection"), lambda row: row.connection.name, width=30),
                Column(_("Kind"), lambda row: operation_kind_label(row.kind), width=30),
                Column(_("Key"), lambda row: row.key or None, width=30),
                Column(_("Priority"), lambda row: row.priority, Kind.INTEGER),
                Column(_("State"), lambda row: row.get_state_display(), width=16),
                Column(_("Kind of failure"), lambda row: row.get_failure_display() or None, width=24),
                Column(_("Reason"), lambda row: str(row.reason) or None, width=50),
                Column(_("Attempts"), lambda row: row.attempt, Kind.INTEGER),
                Column(_("Created"), lambda row: row.created_at, Kind.MOMENT),
                Column(_("Due"), lambda row: row.run_at, Kind.MOMENT),
                Column(_("Ended"), lambda row: row.finished_at, Kind.MOMENT),
            ],
            rows=rows.defer(*selectors.HEAVY).iterator(2_000),
        )


class AttemptsDownload(DownloadView):
    """The attempts of one operation as a file."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        attempts = Attempt.objects.filter(operation=place["pk"]).order_by("number")
        return Table(
            name=_("Attempts"),
            file_name=f"operation-{place['pk']}-attempts",
            columns=[
                Column(_("Attempt"), lambda row: row.number, Kind.INTEGER),
                Column(_("Asks for the outcome"), lambda row: _("yes") if row.is_settling else None),
                Column(_("Began"), lambda row: row.began_at, Kind.MOMENT),
                Column(_("Ended"), lambda row: row.ended_at, Kind.MOMENT),
                Column(_("Outcome"), lambda row: row.outcome or None, width=16),
                Column(_("Reason"), lambda row: str(row.reason) or None, width=50),
                Column(_("HTTP status"), lambda row: row.status, Kind.INTEGER),
                Column(_("Request"), lambda row: row.request or None, width=60),
                Column(_("Answer"), lambda row: row.answer or None, width=60),
            ],
            rows=attempts.iterator(2_000),
        )
