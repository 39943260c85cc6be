"""Users and their role grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.forms import ApiKeyForm
from apps.accounts.models import ApiKey, RoleGrant, User
from apps.accounts.services.api_keys import issue_key, revoke_key
from apps.audit.services import record

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

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


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin[ApiKey]):
    """Keys of programs: issued here with their secret shown once, revoked by an action, never changed."""

    list_display = ["name", "prefix", "user", "scopes", "expires_at", "last_used_at", "revoked_at"]
    search_fields = ["name", "prefix"]
    list_select_related = ["user"]
    form = ApiKeyForm
    actions = ["revoke"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return (
            [] if obj is None else [*map(str, self.list_display), "created_by", "created_at", "last_address"]
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = ["name", "scopes", "expires_at"]
        return asked if obj is None else self.get_readonly_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Issue the key through its service; the secret waits on the request for the page that shows it."""
        issued = issue_key(
            name=obj.name, scopes=obj.scopes, expires_at=obj.expires_at, actor=cast("User", request.user)
        )
        vars(obj).update(vars(issued.key))
        vars(request)["issued_secret"] = issued.secret

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: Any = None) -> HttpResponse:
        listed = reverse("admin:accounts_apikey_changelist")
        context = self.admin_site.each_context(request) | {
            "title": gettext("API key issued"),
            "key": obj,
            "secret": vars(request)["issued_secret"],
            "list_url": listed,
        }
        response = TemplateResponse(request, "admin/accounts/apikey/issued.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.action(description=_("Revoke the chosen keys"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            revoke_key(key_id=key.pk, actor=cast("User", request.user))
        self.message_user(request, gettext("The keys are revoked."))
