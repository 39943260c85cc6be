"""Changes made in the admin, where no service stands behind them, are recorded too."""

from __future__ import annotations

from typing import Any

from apps.audit.services.recording import record


class AuditedChanges:
    """Records who added, changed or deleted what, inlines included; put it before `ModelAdmin`.

    The admin calls these within the transaction of the change.
    """

    opts: Any

    def log_addition(self, request: Any, obj: Any, message: Any) -> Any:
        self._record("add", request, obj, message)
        return super().log_addition(request, obj, message)  # type: ignore[misc]

    def log_change(self, request: Any, obj: Any, message: Any) -> Any:
        self._record("change", request, obj, message)
        return super().log_change(request, obj, message)  # type: ignore[misc]

    def log_deletions(self, request: Any, queryset: Any) -> Any:
        for obj in queryset:
            self._record("delete", request, obj, None)
        return super().log_deletions(request, queryset)  # type: ignore[misc]

    def _record(self, action: str, request: Any, obj: Any, message: Any) -> None:
        after = None if message is None else {"changes": message}
        record(action=f"{self.opts.model_name}.{action}", obj=obj, actor=request.user, after=after)
