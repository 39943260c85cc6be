"""Webhooks as people see them: the endpoints, one endpoint with its deliveries, its buttons."""

from __future__ import annotations

import datetime as dt
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from apps.accounts.policies import Capability, require
from apps.core.errors import DomainError
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.core.web.pages import PageMixin
from apps.integrations.choices import WEBHOOK_EVENTS, OperationState
from apps.integrations.forms.webhook import MissedForm, WebhookForm
from apps.integrations.selectors.webhooks import deliveries_of, endpoints_seen_by, endpoints_with_figures
from apps.integrations.services import webhooks

if TYPE_CHECKING:
    from django.http import HttpRequest

    from apps.accounts.models import User
    from apps.integrations.models import WebhookEndpoint

PER_PAGE = 50


class WebhooksPage(PageMixin, View):
    """All endpoints, and the form for another one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        return _listed(request, WebhookForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Add an endpoint and show its page."""
        require(request.user, Capability.MANAGE_INTEGRATIONS)
        form = WebhookForm(request.POST)
        if form.is_valid():
            try:
                endpoint, _secret = webhooks.create_endpoint(**form.cleaned_data, actor=_actor(request))
            except DomainError as error:
                _tell(form, error)
            else:
                messages.success(request, _("The webhook is there. Give its secret to the receiver."))
                return HttpResponseRedirect(reverse("integrations:webhook-page", args=[endpoint.pk]))
        return _listed(request, form, status=422)


class WebhookPage(PageMixin, View):
    """One endpoint: how it does, what was sent, and its form."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return _shown(request, _found(request, pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change name, address or events."""
        endpoint = _found(request, pk)
        form = WebhookForm(request.POST)
        if form.is_valid():
            try:
                webhooks.change_endpoint(endpoint.pk, actor=_actor(request), **form.cleaned_data)
            except DomainError as error:
                if not error.fields:
                    raise
                _tell(form, error)
            else:
                messages.success(request, _("The webhook was changed."))
                return HttpResponseRedirect(request.path)
        return _shown(request, endpoint, form=form, status=422)


class WebhookAction(PageMixin, View):
    """The buttons of an endpoint; each leads back to its page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        endpoint, actor = _found(request, pk), _actor(request)
        if action == "secret":
            return _shown(request, endpoint, secret=webhooks.show_secret(pk, actor=actor))
        if action == "rotate":
            webhooks.rotate_secret(pk, actor=actor)
            messages.success(request, _("There is a new secret; the earlier one signs beside it for a day."))
        elif action == "pause":
            webhooks.pause_endpoint(pk, actor=actor)
        elif action == "resume":
            webhooks.resume_endpoint(pk, actor=actor)
        elif action == "test":
            webhooks.send_test(pk, actor=actor)
            messages.success(request, _("A test message is on its way: its delivery is below."))
        elif action == "missed":
            _send_missed(request, endpoint)
        elif action == "close":
            webhooks.close_endpoint(pk, actor=actor)
            messages.success(request, _("The webhook was closed."))
            return HttpResponseRedirect(reverse("integrations:webhooks-page"))
        return HttpResponseRedirect(self.get_refused_url())

    def get_refused_url(self) -> str:
        return reverse("integrations:webhook-page", args=[self.kwargs["pk"]])


class DeliveriesDownload(DownloadView):
    """The deliveries of an endpoint as a file."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        endpoint = _found(request, place["pk"])
        return Table(
            name=_("Deliveries"),
            file_name=f"webhook-{endpoint.pk}-deliveries",
            columns=[
                Column(_("Event"), attrgetter("event_type"), width=24),
                Column(_("Message"), lambda row: f"msg_{row.event_id.hex}", width=40),
                Column(_("State"), lambda row: row.operation.get_state_display(), width=16),
                Column(_("Attempts"), attrgetter("operation.attempt"), Kind.INTEGER),
                Column(_("Reason"), lambda row: str(row.operation.reason) or None, width=50),
                Column(_("Created"), attrgetter("created_at"), Kind.MOMENT),
                Column(_("Ended"), attrgetter("operation.finished_at"), Kind.MOMENT),
            ],
            rows=deliveries_of(endpoint, **_filters(request)).iterator(2_000),
            about=[(_("Webhook"), str(endpoint)), (_("Address"), endpoint.connection.base_url)],
        )


class WebhooksDownload(DownloadView):
    """The endpoints as a file."""

    def table(self, request: HttpRequest, **_place: Any) -> Table:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        return Table(
            name=_("Webhooks"),
            columns=[
                Column(_("Name"), str, width=30),
                Column(_("Address"), attrgetter("connection.base_url"), width=50),
                Column(_("Events"), lambda row: ", ".join(row.events), width=50),
                Column(_("State"), attrgetter("state")),
                Column(_("Delivered"), attrgetter("delivered"), Kind.INTEGER),
                Column(_("Waiting"), attrgetter("waiting"), Kind.INTEGER),
                Column(_("Failed"), attrgetter("failed"), Kind.INTEGER),
                Column(_("Last delivery"), attrgetter("last_delivery"), Kind.MOMENT),
            ],
            rows=endpoints_with_figures(request.user),
        )


def _found(request: HttpRequest, pk: int) -> WebhookEndpoint:
    require(request.user, Capability.VIEW_INTEGRATIONS)
    return get_object_or_404(endpoints_seen_by(request.user), pk=pk)


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)


def _tell(form: WebhookForm, error: DomainError) -> None:
    for field, reasons in (error.fields or {"name": [error.message]}).items():
        for reason in reasons:
            form.add_error(field, reason)


def _filters(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "")[:100] for name in ("state", "event")}


def _listed(request: HttpRequest, form: WebhookForm, *, status: int = 200) -> HttpResponse:
    page = Paginator(endpoints_with_figures(request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {"section": "integrations", "tab": "webhooks", "form": form, "page_obj": page}
    return render(request, "integrations/webhooks.html", context | {"labels": WEBHOOK_EVENTS}, status=status)


def _shown(
    request: HttpRequest,
    endpoint: WebhookEndpoint,
    *,
    form: WebhookForm | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    connection = endpoint.connection
    facts = {"name": connection.name, "url": connection.base_url, "events": endpoint.events}
    chosen = _filters(request)
    page = Paginator(deliveries_of(endpoint, **chosen), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "integrations",
        "tab": "webhooks",
        "endpoint": endpoint,
        "form": form or WebhookForm(initial=facts),
        "missed_form": MissedForm(initial={"since": timezone.localdate()}),
        "secret": secret,
        "page_obj": page,
        "chosen": chosen,
        "states": OperationState.choices,
        "labels": WEBHOOK_EVENTS,
    }
    response = render(request, "integrations/webhook.html", context, status=status)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


def _send_missed(request: HttpRequest, endpoint: WebhookEndpoint) -> None:
    form = MissedForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the day since which events are to be sent."))
        return
    since = timezone.make_aware(dt.datetime.combine(form.cleaned_data["since"], dt.time.min))
    sent = webhooks.send_since(endpoint.pk, since, actor=_actor(request))
    told = ngettext("%(count)d message is on its way.", "%(count)d messages are on their way.", sent)
    messages.success(request, told % {"count": sent})
