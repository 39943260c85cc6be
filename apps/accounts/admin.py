"""Users and their role grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import RoleGrant, User
from apps.audit.services import record

if TYPE_CHECKING:
    from django.http import HttpRequest

admin.site.unregister(Group)  # roles take the place of groups


class RoleGrantInline(admin.TabularInline[RoleGrant, User]):
    model = RoleGrant
    extra = 0
    autocomplete_fields = ["department"]


@admin.register(User)
class UserAdmin(StockUserAdmin[User]):
    """A person who signs in, with roles; every change is in the audit."""

    list_display = ["username", "last_name", "first_name", "is_active", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser", "grants__role"]
    search_fields = ["username", "last_name", "first_name", "email"]
    filter_horizontal = []
    inlines = [RoleGrantInline]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["last_name", "first_name", "email", "language", "theme", "density"]}),
        (_("Access"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        record(action="user.add", obj=obj, actor=request.user, after={"changes": message})
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        record(action="user.change", obj=obj, actor=request.user, after={"changes": message})
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for user in queryset:
            record(action="user.delete", obj=user, actor=request.user)
        return super().log_deletions(request, queryset)
