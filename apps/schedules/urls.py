from __future__ import annotations

from django.urls import path, register_converter

from apps.core.web.converters import DayConverter, MonthConverter
from apps.schedules.api import views as api
from apps.schedules.views import (
    actions,
    day,
    doors,
    edit_history,
    edit_shift,
    edit_steps,
    mine,
    month,
    overview,
    requirement,
)

register_converter(MonthConverter, "month")
register_converter(DayConverter, "day")

app_name = "schedules"
API = "api/v1/schedules/"
api_urlpatterns = [
    path(API, api.VariantList.as_view(), name="api-list"),
    path(f"{API}generate/", api.Generate.as_view(), name="api-generate"),
    path(f"{API}conflicts/", api.ConflictList.as_view(), name="api-conflicts"),
    path(f"{API}<int:pk>/", api.VariantDetail.as_view(), name="api-detail"),
    path(f"{API}<int:pk>/shifts/", api.ShiftList.as_view(), name="api-shifts"),
    path(f"{API}<int:pk>/cover/", api.CoverDetail.as_view(), name="api-cover"),
    path(f"{API}<int:pk>/publish/", api.Publish.as_view(), name="api-publish"),
]
PLACE = "planning/<slug:group>/<month:month>/"
urlpatterns = [
    *api_urlpatterns,
    path("", doors.HomePage.as_view(), name="home-page"),
    path("planning/", doors.PlanningDoor.as_view(), name="planning-page"),
    path("requirement/", doors.RequirementDoor.as_view(), name="requirements-page"),
    path("schedule/", doors.ScheduleDoor.as_view(), name="schedules-page"),
    path("my-schedule/", mine.MyPage.as_view(), name="my-page"),
    path(PLACE, overview.OverviewPage.as_view(), name="overview-page"),
    path(f"{PLACE}stages/", overview.StagesPart.as_view(), name="stages"),
    path(f"{PLACE}forecast/run/", actions.RunForecasts.as_view(), name="run-forecasts"),
    path(f"{PLACE}requirement/run/", actions.DeriveRequirements.as_view(), name="run-requirements"),
    path(f"{PLACE}schedule/run/", actions.PlanMonth.as_view(), name="run-plan"),
    path(f"{PLACE}publish/", actions.Publish.as_view(), name="publish"),
    path(f"{PLACE}requirement/", requirement.RequirementPage.as_view(), name="requirement-page"),
    path(f"{PLACE}requirement/data/", requirement.RequirementData.as_view(), name="requirement-data"),
    path(f"{PLACE}schedule/", month.MonthPage.as_view(), name="month-page"),
    path(f"{PLACE}schedule/<day:day>/", day.DayPage.as_view(), name="day-page"),
    path(f"{PLACE}schedule/edit/", edit_shift.EditPage.as_view(), name="edit"),
    path(f"{PLACE}schedule/edit/effect/", edit_shift.EditEffect.as_view(), name="edit-effect"),
    path(f"{PLACE}schedule/undo/", edit_steps.Undo.as_view(), name="edit-undo"),
    path(f"{PLACE}schedule/redo/", edit_steps.Redo.as_view(), name="edit-redo"),
    path(f"{PLACE}schedule/edits/", edit_history.EditsPage.as_view(), name="edits-page"),
    path(
        f"{PLACE}schedule/shifts/<int:shift>/history/",
        edit_history.ShiftHistory.as_view(),
        name="shift-history",
    ),
]
