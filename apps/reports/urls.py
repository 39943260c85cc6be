from __future__ import annotations

from django.urls import path

from apps.reports.views import coverage, downloads

app_name = "reports"
urlpatterns = [
    path("dashboard/coverage/", coverage.CoveragePart.as_view(), name="coverage"),
    path("dashboard/coverage/data/", coverage.CoverageData.as_view(), name="coverage-data"),
    path("dashboard/coverage/download/", downloads.CoverageDownload.as_view(), name="coverage-download"),
    path("dashboard/imports/download/", downloads.LastImportsDownload.as_view(), name="imports-download"),
    path(
        "dashboard/accuracy/download/", downloads.LatestAccuracyDownload.as_view(), name="accuracy-download"
    ),
]
