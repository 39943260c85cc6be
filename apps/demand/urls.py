from __future__ import annotations

from django.urls import path

from apps.demand.api import views as api
from apps.demand.views import downloads, history, imports

app_name = "demand"
api_urlpatterns = [
    path("api/v1/queues/<int:queue_id>/history/", api.History.as_view(), name="api-history"),
    path("api/v1/queues/<int:queue_id>/history-imports/", api.ImportList.as_view(), name="api-imports"),
    path("api/v1/history-imports/<int:pk>/", api.ImportDetail.as_view(), name="api-import"),
    path("api/v1/history-imports/<int:pk>/errors/", api.ImportErrors.as_view(), name="api-import-errors"),
]
urlpatterns = [
    *api_urlpatterns,
    path("history/", history.HistoriesPage.as_view(), name="histories-page"),
    path("queues/<slug:code>/history/", history.HistoryPage.as_view(), name="history-page"),
    path("queues/<slug:code>/history/data/", history.HistoryData.as_view(), name="history-data"),
    path("queues/<slug:code>/history/import/", imports.ImportHistory.as_view(), name="import"),
    path(
        "queues/<slug:code>/history/download/", downloads.HistoryDownload.as_view(), name="history-download"
    ),
    path(
        "queues/<slug:code>/history/template/", downloads.HistoryTemplate.as_view(), name="history-template"
    ),
    path(
        "queues/<slug:code>/history-imports/download/",
        downloads.ImportsDownload.as_view(),
        name="imports-download",
    ),
    path(
        "history-imports/<int:pk>/errors/download/",
        downloads.ImportErrorsDownload.as_view(),
        name="import-errors-download",
    ),
    path("history-imports/<int:pk>/", imports.ImportPage.as_view(), name="import-page"),
]
