from __future__ import annotations

from django.urls import path

from apps.demand.views import history, imports

app_name = "demand"
urlpatterns = [
    path("history/", history.HistoriesPage.as_view(), name="histories-page"),
    path("queues/<slug:code>/history/", history.HistoryPage.as_view(), name="history-page"),
    path("queues/<slug:code>/history/data/", history.HistoryData.as_view(), name="history-data"),
    path("queues/<slug:code>/history/import/", imports.ImportHistory.as_view(), name="import"),
    path("history-imports/<int:pk>/", imports.ImportPage.as_view(), name="import-page"),
]
