"""The admin site of the product: stock admin, our frame, our sign-in, apps in the order of the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.urls import path
from django.utils.translation import gettext_lazy as _

from apps.core.web.admin_download import AdminDownload
from apps.reports.selectors import dashboard

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse  # noqa: TID251 - the admin is an interface
    from django.template.response import TemplateResponse
    from django.urls import URLPattern, URLResolver

CHAIN = (
    "organization",
    "workcalendar",
    "demand",
    "forecasts",
    "staffing",
    "schedules",
    "accounts",
    "jobs",
    "django_celery_beat",
    "audit",
)


class WfmAdminSite(AdminSite):
    site_header = _("WFM: master data")
    site_title = "WFM"
    index_title = _("Dashboard")
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in whoever may look at master data by role; `is_staff` alone says nothing."""
        return request.user.is_active and request.user.has_module_perms("organization")

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002 - Django's signature
        """Send people to the one sign-in page; who is signed in already may not come here."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", "/admin/"))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Give every list of the registry a door through which it leaves as a file."""
        door = self.admin_view(AdminDownload.as_view())
        return [path("<slug:app>/<slug:model>/download/", door, name="list-download"), *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the chain at a glance; whoever may not see planning has no business here."""
        facts = {"dashboard": dashboard(request.user), "section": "dashboard"}  # type: ignore[arg-type]
        return super().index(request, {**facts, **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Give the apps in the order of the planning chain; what the chain does not know comes last."""
        apps = super().get_app_list(request, app_label)
        places = {label: place for place, label in enumerate(CHAIN)}
        return sorted(apps, key=lambda app: places.get(app["app_label"], len(CHAIN)))
