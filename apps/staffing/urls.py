from __future__ import annotations

from django.urls import path

from apps.staffing.api import desk, planning
from apps.staffing.api import views as api
from apps.staffing.views import downloads, effects

app_name = "staffing"
api_urlpatterns = [
    path("api/v1/planning/erlang-c/", planning.ErlangC.as_view(), name="api-erlang-c"),
    path("api/v1/planning/erlang-a/", planning.ErlangA.as_view(), name="api-erlang-a"),
    path("api/v1/requirements/", api.RequirementList.as_view(), name="api-list"),
    path(
        "api/v1/forecasts/<int:pk>/requirement-effect/", desk.RequirementEffect.as_view(), name="api-effect"
    ),
    path("api/v1/requirements/generate/", api.RequirementGenerate.as_view(), name="api-generate"),
    path("api/v1/requirements/<int:pk>/", api.RequirementDetail.as_view(), name="api-detail"),
    path("api/v1/requirements/<int:pk>/points/", api.RequirementPoints.as_view(), name="api-points"),
]
urlpatterns = [
    *api_urlpatterns,
    path("forecasts/<int:pk>/adjust/effect/", effects.AdjustmentEffect.as_view(), name="adjustment-effect"),
    path("forecasts/<int:pk>/activate/effect/", effects.ActivationEffect.as_view(), name="activation-effect"),
    path("forecasts/<int:pk>/derive/", effects.Derive.as_view(), name="derive"),
    path("requirements/<int:pk>/download/", downloads.PointsDownload.as_view(), name="points-download"),
]
