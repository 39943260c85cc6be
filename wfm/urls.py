"""Where every address leads."""

from django.contrib import admin
from django.urls import include, path

handler404 = "apps.core.web.failing.not_found"
handler500 = "apps.core.web.failing.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("apps.core.urls")),
    path("", include("apps.jobs.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.organization.urls")),
    path("", include("apps.demand.urls")),
    path("", include("apps.forecasts.urls")),
    path("", include("apps.staffing.urls")),
    path("", include("apps.schedules.urls")),
    path("", include("apps.reports.urls")),
    path("", include("apps.integrations.urls")),
]
