"""Admin classes whose every change is in the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin
from django.db.models import Model

from apps.audit.services import record

if TYPE_CHECKING:
    from django.http import HttpRequest

ModelT = TypeVar("ModelT", bound=Model)


class AuditedAdmin(admin.ModelAdmin[ModelT]):
    """Writes who added, changed or deleted what, inlines included, in the transaction of the change."""

    list_per_page = 50
    show_full_result_count = False

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record("add", request, obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record("change", request, obj, message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self._record("delete", request, obj, None)
        return super().log_deletions(request, queryset)

    def _record(self, action: str, request: HttpRequest, obj: Any, message: Any) -> None:
        after = None if message is None else {"changes": message}
        name = f"{self.opts.model_name}.{action}"
        record(action=name, obj=obj, actor=request.user, after=after)
