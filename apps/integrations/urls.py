from __future__ import annotations

from django.urls import path

from apps.integrations.api import argus as argus_api
from apps.integrations.api import onec_in, onec_out
from apps.integrations.views import argus, argus_downloads, reconciliation, runs

app_name = "integrations"
api_urlpatterns = [
    path("api/v1/integrations/1c/sendSchedule/", onec_out.SendSchedule.as_view(), name="api-onec-schedules"),
    path(
        "api/v1/integrations/1c/sendSchedule/<int:pk>/",
        onec_out.SentSchedule.as_view(),
        name="api-onec-schedule",
    ),
    path("api/v1/integrations/1c/sendFactWorkTime/", onec_out.SendFact.as_view(), name="api-onec-facts"),
    path(
        "api/v1/integrations/1c/sendFactWorkTime/<int:pk>/",
        onec_out.SentFact.as_view(),
        name="api-onec-fact",
    ),
    path(
        "api/v1/integrations/onec/sync/schedules/",
        onec_out.SyncSchedules.as_view(),
        name="api-onec-sync-schedules",
    ),
    path(
        "api/v1/integrations/argus/import/historical/",
        argus_api.ImportHistorical.as_view(),
        name="api-argus-historical",
    ),
    path(
        "api/v1/integrations/argus/import/employees/",
        argus_api.ImportEmployees.as_view(),
        name="api-argus-employees",
    ),
    path(
        "api/v1/integrations/argus/import/schedules/",
        argus_api.ImportSchedules.as_view(),
        name="api-argus-schedules",
    ),
    path("api/v1/integrations/argus/test/", argus_api.LookAtArgus.as_view(), name="api-argus-test"),
    path("api/v1/integrations/argus/imports/", argus_api.ArgusImportList.as_view(), name="api-argus-imports"),
    path(
        "api/v1/integrations/argus/imports/<int:pk>/",
        argus_api.ArgusImportDetail.as_view(),
        name="api-argus-import",
    ),
    path(
        "api/v1/integrations/argus/imports/<int:pk>/errors/",
        argus_api.ArgusImportErrors.as_view(),
        name="api-argus-import-errors",
    ),
]
onec_in_urlpatterns = [
    path(
        "api/v1/integrations/onec/sync/employees/",
        onec_in.SyncEmployees.as_view(),
        name="api-onec-sync-employees",
    ),
    path(
        "api/v1/integrations/onec/sync/timecodes/",
        onec_in.SyncTimeCodes.as_view(),
        name="api-onec-sync-timecodes",
    ),
    path(
        "api/v1/integrations/onec/sync/payroll/",
        onec_in.SyncPayroll.as_view(),
        name="api-onec-sync-payroll",
    ),
    path("api/v1/integrations/1c/agents/", onec_in.Agents.as_view(), name="api-onec-agents"),
]
people_urlpatterns = [
    path(
        "integrations/runs/<int:pk>/people/",
        reconciliation.ReconciliationPage.as_view(),
        name="reconciliation-page",
    ),
    path(
        "integrations/runs/<int:pk>/people/decide/",
        reconciliation.DecideOnChanges.as_view(),
        name="reconciliation-decide",
    ),
    path(
        "integrations/runs/<int:pk>/people/download/",
        reconciliation.ChangesDownload.as_view(),
        name="reconciliation-download",
    ),
]
urlpatterns = [
    *api_urlpatterns,
    *onec_in_urlpatterns,
    *people_urlpatterns,
    path("integrations/argus/", argus.ArgusPage.as_view(), name="argus-page"),
    path(
        "integrations/argus/imports/download/",
        argus_downloads.ImportsDownload.as_view(),
        name="argus-imports-download",
    ),
    path("integrations/argus/imports/<int:pk>/", argus.ArgusImportPage.as_view(), name="argus-import-page"),
    path(
        "integrations/argus/imports/<int:pk>/undo/", argus.UndoArgusImport.as_view(), name="argus-import-undo"
    ),
    path(
        "integrations/argus/imports/<int:pk>/errors/download/",
        argus_downloads.RefusalsDownload.as_view(),
        name="argus-errors-download",
    ),
    path(
        "integrations/argus/template/<slug:table>/",
        argus_downloads.ArgusTemplate.as_view(),
        name="argus-template",
    ),
    path("integrations/runs/", runs.RunListPage.as_view(), name="runs-page"),
    path("integrations/runs/download/", runs.RunsDownload.as_view(), name="runs-download"),
    path("integrations/runs/<int:pk>/", runs.RunPage.as_view(), name="run-page"),
    path(
        "integrations/runs/<int:pk>/problems/download/",
        runs.RunProblemsDownload.as_view(),
        name="run-problems-download",
    ),
]
