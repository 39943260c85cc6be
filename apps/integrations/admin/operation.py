"""The queue's rows, and what is done with many of them at once; the pages of integrations show the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import DomainError
from apps.core.web.admin import ReadOnlyAdmin
from apps.integrations.models import Attempt, Operation
from apps.integrations.services.operations import cancel, replay, retry
from apps.integrations.services.operations.steering import LONGEST_REASON

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from apps.accounts.models import User


class ReasonForm(ActionForm):
    """Why something is done, and whether what must not happen twice may be sent again."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=LONGEST_REASON, required=False)
    confirmed = forms.BooleanField(label=gettext_lazy("May be sent twice"), required=False)


class AttemptInline(admin.TabularInline[Attempt, Operation]):
    model = Attempt
    extra = 0
    can_delete = False
    readonly_fields = fields = (
        "number",
        "is_settling",
        "began_at",
        "ended_at",
        "outcome",
        "reason",
        "status",
        "request",
        "answer",
        "node",
    )

    def has_add_permission(self, request: HttpRequest, obj: Operation | None = None) -> bool:  # noqa: ARG002 - Django's signature
        return False


@admin.register(Operation)
class OperationAdmin(ReadOnlyAdmin[Operation]):
    list_display = [
        "kind",
        "key",
        "connection",
        "priority",
        "state",
        "failure",
        "attempt",
        "run_at",
        "created_at",
    ]
    list_filter = ["state", "failure", "priority", "connection"]
    list_select_related = ["connection"]
    search_fields = ["key", "kind", "session_id"]
    date_hierarchy = "created_at"
    show_full_result_count = False
    inlines = [AttemptInline]
    action_form = ReasonForm
    actions = ["try_again", "send_again", "cancel_all"]

    def get_view_on_site_url(self, obj: Operation | None = None) -> str | None:
        return None if obj is None else reverse("integrations:operation-page", args=[obj.pk])

    @admin.action(description=gettext_lazy("Try again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Operation]) -> None:
        self._steer(request, queryset, retry, confirmed=request.POST.get("confirmed") == "on")

    @admin.action(description=gettext_lazy("Send as a new operation"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Operation]) -> None:
        self._steer(request, queryset, replay, confirmed=request.POST.get("confirmed") == "on")

    @admin.action(description=gettext_lazy("Cancel operations"))
    def cancel_all(self, request: HttpRequest, queryset: QuerySet[Operation]) -> None:
        self._steer(request, queryset, cancel)

    def _steer(
        self,
        request: HttpRequest,
        queryset: QuerySet[Operation],
        service: Callable[..., list[Operation]],
        **options: Any,
    ) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        reason = request.POST.get("reason", "")
        try:
            rows = service(ids, actor=cast("User", request.user), reason=reason, **options)
        except DomainError as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
        else:
            done = _("Done with %(count)s operations.") % {"count": len(rows)}
            self.message_user(request, done, messages.SUCCESS)
