"""Admin classes whose every change is in the audit."""

from __future__ import annotations

from typing import TypeVar

from django.contrib import admin
from django.db.models import Model

from apps.audit.services.admin_log import AuditedChanges

ModelT = TypeVar("ModelT", bound=Model)


class AuditedAdmin(AuditedChanges, admin.ModelAdmin[ModelT]):
    """The master data: changed in the admin only, every change recorded."""

    list_per_page = 50
    show_full_result_count = False
