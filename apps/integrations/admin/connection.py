"""Connections in the admin: settings, options of the system, secrets, schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.audit.services.admin_log import AuditedChanges
from apps.core.web.admin import ReadOnlyAdmin
from apps.integrations.forms.connections import (
    PLAIN,
    SECRET,
    SECRETS_OF,
    TAKE_AWAY,
    RunScheduleForm,
    form_of,
)
from apps.integrations.forms.options import PREFIX, options_of
from apps.integrations.models import Call, Connection, Run, RunSchedule
from apps.integrations.services.access import set_secret
from apps.integrations.services.schedules import add_usual_schedules, set_next

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

FIXED = ["code", "system"]  # others refer to them


class RunScheduleInline(admin.TabularInline[RunSchedule, Connection]):
    model = RunSchedule
    form = RunScheduleForm
    extra = 0
    readonly_fields = ["next_at"]

    def get_formset(self, request: HttpRequest, obj: Connection | None = None, **kwargs: Any) -> Any:
        system = obj.system if obj else ""
        kwargs["form"] = type("RunScheduleForm", (RunScheduleForm,), {"system": system})
        return super().get_formset(request, obj, **kwargs)


@admin.register(Connection)
class ConnectionAdmin(AuditedChanges, admin.ModelAdmin[Connection]):
    list_display = ["name", "code", "system", "dialect", "base_url", "is_active"]
    list_filter = ["system", "is_active"]
    search_fields = ["name", "code", "base_url"]
    show_full_result_count = False

    def get_form(
        self,
        request: HttpRequest,
        obj: Connection | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> Any:
        kwargs["form"] = form_of(obj.system, obj.dialect) if obj else form_of("", "")
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Connection | None = None) -> Any:  # noqa: ARG002 - Django's signature
        main = (None, {"fields": PLAIN})
        if obj is None:
            return [main]
        held = set(obj.credentials.values_list("name", flat=True))
        secrets = []
        for name in SECRETS_OF.get(obj.system, {}):
            secrets += [SECRET + name, TAKE_AWAY + name] if name in held else [SECRET + name]
        options = [PREFIX + name for name in options_of(obj.system, obj.dialect)]
        return [main, (_("Credentials"), {"fields": secrets}), (_("Options"), {"fields": options})]

    def get_readonly_fields(self, request: HttpRequest, obj: Connection | None = None) -> Any:  # noqa: ARG002 - Django's signature
        return FIXED if obj else []

    def get_inlines(self, request: HttpRequest, obj: Connection | None) -> Any:  # noqa: ARG002 - Django's signature
        return [RunScheduleInline] if obj else []

    def save_model(self, request: HttpRequest, obj: Connection, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        actor: Any = request.user
        for name, value in form.secrets():
            set_secret(obj, name, value, actor=actor)
        if not change:
            add_usual_schedules(obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:  # noqa: ARG002 - Django's signature
        for schedule in formset.save(commit=False):
            set_next(schedule)
            schedule.save()
        for gone in formset.deleted_objects:
            gone.delete()
        formset.save_m2m()

    def response_add(
        self,
        request: HttpRequest,
        obj: Connection,
        post_url_continue: str | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """Go on to the options and secrets of what was added: they depend on its system."""
        address = reverse("admin:integrations_connection_change", args=[obj.pk])
        super().response_add(request, obj, address)
        return HttpResponseRedirect(address)

    def view_on_site(self, obj: Connection) -> str:
        return reverse("integrations:connection-page", args=[obj.code])


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin[Run]):
    list_display = ["connection", "purpose", "state", "failure", "began_at", "ended_at"]
    list_filter = ["state", "purpose", "connection"]
    list_select_related = ["connection"]
    show_full_result_count = False

    def view_on_site(self, obj: Run) -> str:
        return reverse("integrations:run-page", args=[obj.pk])


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin[Call]):
    list_display = [
        "began_at",
        "connection",
        "endpoint",
        "method",
        "path",
        "status",
        "failure",
        "duration_ms",
    ]
    list_filter = ["failure", "connection", "endpoint"]
    list_select_related = ["connection"]
    search_fields = ["request_id", "session_id"]
    show_full_result_count = False
