from __future__ import annotations

from django.urls import path

from apps.reports.views import coverage

app_name = "reports"
urlpatterns = [
    path("dashboard/coverage/", coverage.CoveragePart.as_view(), name="coverage"),
    path("dashboard/coverage/data/", coverage.CoverageData.as_view(), name="coverage-data"),
]
