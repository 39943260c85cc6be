from __future__ import annotations

from django.urls import path

from apps.forecasts.api import desk as desk_api
from apps.forecasts.api import views as api
from apps.forecasts.views import compare, desk, desk_downloads, downloads, pages

app_name = "forecasts"
api_urlpatterns = [
    path("api/v1/forecasts/", api.ForecastList.as_view(), name="api-list"),
    path("api/v1/forecasts/generate/", api.ForecastGenerate.as_view(), name="api-generate"),
    path("api/v1/forecasts/growth-factor/", desk_api.GrowthFactor.as_view(), name="api-growth-factor"),
    path("api/v1/forecasts/compare/", desk_api.Compare.as_view(), name="api-compare"),
    path("api/v1/forecasts/<int:pk>/adjust/", desk_api.Adjust.as_view(), name="api-adjust"),
    path("api/v1/forecasts/<int:pk>/roll-back/", desk_api.RollBack.as_view(), name="api-roll-back"),
    path(
        "api/v1/forecasts/<int:pk>/fact-accuracy/",
        desk_api.FactAccuracyView.as_view(),
        name="api-fact-accuracy",
    ),
    path("api/v1/forecasts/<int:pk>/", api.ForecastDetail.as_view(), name="api-detail"),
    path("api/v1/forecasts/<int:pk>/points/", api.ForecastPoints.as_view(), name="api-points"),
    path("api/v1/forecasts/<int:pk>/accuracy/", api.ForecastAccuracy.as_view(), name="api-accuracy"),
    path("api/v1/forecasts/<int:pk>/approve/", api.ForecastApprove.as_view(), name="api-approve"),
    path("api/v1/forecasts/<int:pk>/archive/", api.ForecastArchive.as_view(), name="api-archive"),
]
urlpatterns = [
    *api_urlpatterns,
    path("forecast/", pages.ForecastsPage.as_view(), name="forecasts-page"),
    path("queues/<slug:code>/forecast/", pages.ForecastPage.as_view(), name="forecast-page"),
    path("queues/<slug:code>/forecast/compare/", compare.ComparePage.as_view(), name="compare-page"),
    path("queues/<slug:code>/forecast/compare/data/", compare.CompareData.as_view(), name="compare-data"),
    path("queues/<slug:code>/special-days/proposals/", desk.Proposals.as_view(), name="proposals"),
    path(
        "queues/<slug:code>/special-days/proposals/download/",
        desk_downloads.ProposalsDownload.as_view(),
        name="proposals-download",
    ),
    path("forecasts/<int:pk>/adjust/", desk.AdjustPage.as_view(), name="adjust-page"),
    path("forecasts/<int:pk>/activate/", desk.ActivatePage.as_view(), name="activate-page"),
    path("forecasts/<int:pk>/archive/", desk.Archive.as_view(), name="archive"),
    path("forecasts/<int:pk>/roll-back/", desk.RollBackPage.as_view(), name="roll-back-page"),
    path(
        "queues/<slug:code>/forecast/versions/download/",
        downloads.VersionsDownload.as_view(),
        name="versions-download",
    ),
    path(
        "queues/<slug:code>/forecast/compare/download/",
        desk_downloads.CompareDownload.as_view(),
        name="compare-download",
    ),
    path(
        "queues/<slug:code>/forecast/compare/accuracy/download/",
        desk_downloads.FactAccuracyDownload.as_view(),
        name="fact-accuracy-download",
    ),
    path(
        "forecasts/<int:pk>/adjustments/download/",
        desk_downloads.AdjustmentsDownload.as_view(),
        name="adjustments-download",
    ),
    path("forecasts/<int:pk>/download/", downloads.PointsDownload.as_view(), name="points-download"),
    path(
        "forecasts/<int:pk>/accuracy/download/",
        downloads.AccuracyDownload.as_view(),
        name="accuracy-download",
    ),
    path("forecasts/<int:pk>/data/", pages.ForecastData.as_view(), name="forecast-data"),
]
