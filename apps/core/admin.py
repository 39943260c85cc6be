from __future__ import annotations

from django.contrib import admin

from apps.core.models import OutboxDelivery
from apps.core.web.admin import ReadOnlyAdmin


@admin.register(OutboxDelivery)
class OutboxDeliveryAdmin(ReadOnlyAdmin[OutboxDelivery]):
    list_display = ["event", "receiver", "state", "attempts", "run_at", "delivered_at"]
    list_filter = ["state", "receiver"]
    list_select_related = ["event"]
    show_full_result_count = False
