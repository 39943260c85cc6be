from __future__ import annotations

from django.urls import path

from apps.demand.api import desk, statistics
from apps.demand.api import views as api
from apps.demand.views import desk_downloads, downloads, history, imports, outliers, special_days

app_name = "demand"
api_urlpatterns = [
    path("api/v1/queues/<int:queue_id>/history/", api.History.as_view(), name="api-history"),
    path("api/v1/queues/<int:queue_id>/history-imports/", api.ImportList.as_view(), name="api-imports"),
    path("api/v1/contact-statistics/", statistics.ContactStatistics.as_view(), name="api-statistics"),
    path("api/v1/queues/<int:queue_id>/outliers/", desk.Outliers.as_view(), name="api-outliers"),
    path(
        "api/v1/queues/<int:queue_id>/history-corrections/",
        desk.CorrectionList.as_view(),
        name="api-corrections",
    ),
    path(
        "api/v1/history-corrections/<int:pk>/undo/", desk.CorrectionUndo.as_view(), name="api-correction-undo"
    ),
    path("api/v1/special-days/", desk.SpecialDayList.as_view(), name="api-special-days"),
    path("api/v1/special-days/<int:pk>/", desk.SpecialDayDetail.as_view(), name="api-special-day"),
    path("api/v1/history-imports/<int:pk>/", api.ImportDetail.as_view(), name="api-import"),
    path("api/v1/history-imports/<int:pk>/errors/", api.ImportErrors.as_view(), name="api-import-errors"),
]
urlpatterns = [
    *api_urlpatterns,
    path("history/", history.HistoriesPage.as_view(), name="histories-page"),
    path("queues/<slug:code>/history/", history.HistoryPage.as_view(), name="history-page"),
    path("queues/<slug:code>/history/data/", history.HistoryData.as_view(), name="history-data"),
    path("queues/<slug:code>/history/outliers/", outliers.OutliersPage.as_view(), name="outliers-page"),
    path("queues/<slug:code>/history/outliers/data/", outliers.OutliersData.as_view(), name="outliers-data"),
    path("history-corrections/<int:pk>/undo/", outliers.UndoCorrection.as_view(), name="correction-undo"),
    path("special-days/", special_days.SpecialDaysPage.as_view(), name="special-days-page"),
    path("special-days/new/", special_days.SpecialDayPage.as_view(), name="special-day-new-page"),
    path("special-days/<int:pk>/", special_days.SpecialDayPage.as_view(), name="special-day-page"),
    path("special-days/<int:pk>/delete/", special_days.SpecialDayDelete.as_view(), name="special-day-delete"),
    path("queues/<slug:code>/history/import/", imports.ImportHistory.as_view(), name="import"),
    path(
        "queues/<slug:code>/history/download/", downloads.HistoryDownload.as_view(), name="history-download"
    ),
    path("queues/<slug:code>/history/export/", downloads.ExportHistory.as_view(), name="history-export"),
    path(
        "queues/<slug:code>/history/outliers/download/",
        desk_downloads.OutliersDownload.as_view(),
        name="outliers-download",
    ),
    path(
        "queues/<slug:code>/history/outliers/days/download/",
        desk_downloads.OutlierDaysDownload.as_view(),
        name="outlier-days-download",
    ),
    path(
        "queues/<slug:code>/history/corrections/download/",
        desk_downloads.CorrectionsDownload.as_view(),
        name="corrections-download",
    ),
    path(
        "queues/<slug:code>/special-days/download/",
        desk_downloads.CombinedDaysDownload.as_view(),
        name="combined-days-download",
    ),
    path(
        "special-days/download/", desk_downloads.SpecialDaysDownload.as_view(), name="special-days-download"
    ),
    path("history-exports/<int:pk>/", downloads.HistoryFile.as_view(), name="history-file"),
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
