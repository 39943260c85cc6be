from __future__ import annotations

from django.urls import path, register_converter

from apps.core.web.converters import DayConverter, MonthConverter
from apps.schedules.api import edits, shifts
from apps.schedules.api import views as api
from apps.schedules.views import (
    actions,
    day,
    doors,
    downloads,
    edit_history,
    edit_shift,
    edit_steps,
    mine,
    month,
    overview,
    requirement,
    table_downloads,
)

register_converter(MonthConverter, "month")
register_converter(DayConverter, "day")

app_name = "schedules"
API = "api/v1/schedules/"
SHIFTS = "api/v1/shifts/"
api_urlpatterns = [
    path(API, api.VariantList.as_view(), name="api-list"),
    path(f"{API}generate/", api.Generate.as_view(), name="api-generate"),
    path(f"{API}conflicts/", api.ConflictList.as_view(), name="api-conflicts"),
    path(f"{API}<int:pk>/", api.VariantDetail.as_view(), name="api-detail"),
    path(f"{API}<int:pk>/shifts/", api.ShiftList.as_view(), name="api-shifts"),
    path(f"{API}<int:pk>/cover/", api.CoverDetail.as_view(), name="api-cover"),
    path(f"{API}<int:pk>/publish/", api.Publish.as_view(), name="api-publish"),
    path(f"{API}<int:pk>/edits/", edits.EditList.as_view(), name="api-edits"),
    path(f"{API}<int:pk>/edits/preview/", edits.EditPreview.as_view(), name="api-edits-preview"),
    path(f"{API}<int:pk>/edits/undo/", edits.EditUndo.as_view(), name="api-edits-undo"),
    path(f"{API}<int:pk>/edits/redo/", edits.EditRedo.as_view(), name="api-edits-redo"),
    path(SHIFTS, shifts.Shifts.as_view(), name="api-shift-list"),
    path(f"{SHIFTS}<int:pk>/", shifts.ShiftDetail.as_view(), name="api-shift-detail"),
    path(f"{SHIFTS}<int:pk>/history/", shifts.ShiftHistory.as_view(), name="api-shift-history"),
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
    path(f"{PLACE}schedule/download/", downloads.MonthDownload.as_view(), name="month-download"),
    path(f"{PLACE}schedule/<day:day>/download/", downloads.DayDownload.as_view(), name="day-download"),
    path(f"{PLACE}schedule/shifts/download/", downloads.ShiftsDownload.as_view(), name="shifts-download"),
    path(
        f"{PLACE}schedule/violations/download/",
        downloads.ViolationsDownload.as_view(),
        name="violations-download",
    ),
    path(f"{PLACE}schedule/people/download/", downloads.PeopleDownload.as_view(), name="people-download"),
    path(f"{PLACE}variants/download/", table_downloads.VariantsDownload.as_view(), name="variants-download"),
    path(f"{PLACE}reasons/download/", table_downloads.ReasonsDownload.as_view(), name="reasons-download"),
    path(f"{PLACE}schedule/edits/download/", table_downloads.EditsDownload.as_view(), name="edits-download"),
    path(
        f"{PLACE}requirement/days/download/",
        table_downloads.RequiredDaysDownload.as_view(),
        name="required-days-download",
    ),
    path(
        f"{PLACE}requirement/intervals/download/",
        table_downloads.RequiredIntervalsDownload.as_view(),
        name="required-intervals-download",
    ),
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
