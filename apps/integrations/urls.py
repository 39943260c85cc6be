from __future__ import annotations

from django.urls import path

from apps.integrations.api import argus as argus_api
from apps.integrations.api import centre, centre_reading, onec_in, onec_out
from apps.integrations.api import health as health_api
from apps.integrations.api import operations as operations_api
from apps.integrations.api import webhooks as webhooks_api
from apps.integrations.views import (
    argus,
    argus_downloads,
    health,
    onec_facts,
    onec_sends,
    onec_vacations,
    operations,
    reconciliation,
    runs,
    vendor_status,
    webhooks,
)

app_name = "integrations"
api_urlpatterns = [
    path("api/v1/integrations/health/", health_api.IntegrationsHealth.as_view(), name="api-health"),
    path(
        "api/v1/integrations/connections/<slug:code>/test/",
        health_api.TestConnection.as_view(),
        name="api-connection-test",
    ),
    path(
        "api/v1/integrations/connections/<slug:code>/runs/",
        health_api.RunConnection.as_view(),
        name="api-connection-run",
    ),
    path("api/v1/integrations/runs/", health_api.RunList.as_view(), name="api-runs"),
    path("api/v1/integrations/runs/<int:pk>/", health_api.RunDetail.as_view(), name="api-run"),
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
        "api/v1/integrations/contact-center/realtime/agents/",
        centre.RealtimeAgents.as_view(),
        name="api-centre-agents",
    ),
    path(
        "api/v1/integrations/contact-center/realtime/calls/",
        centre.RealtimeCalls.as_view(),
        name="api-centre-calls",
    ),
    path(
        "api/v1/integrations/contact-center/historical/metrics/",
        centre.HistoricalMetrics.as_view(),
        name="api-centre-metrics",
    ),
    path(
        "api/v1/integrations/cc/historic/serviceGroupData/",
        centre_reading.ServiceGroupData.as_view(),
        name="api-centre-group-data",
    ),
    path(
        "api/v1/integrations/cc/historic/agentStatusData/",
        centre_reading.AgentStatusData.as_view(),
        name="api-centre-agent-data",
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
operation_urlpatterns = [
    path("integrations/operations/", operations.OperationListPage.as_view(), name="operations-page"),
    path(
        "integrations/operations/download/",
        operations.OperationsDownload.as_view(),
        name="operations-download",
    ),
    path("integrations/operations/steer/", operations.SteerOperations.as_view(), name="operations-steer"),
    path("integrations/operations/<int:pk>/", operations.OperationPage.as_view(), name="operation-page"),
    path(
        "integrations/operations/<int:pk>/attempts/download/",
        operations.AttemptsDownload.as_view(),
        name="operation-attempts-download",
    ),
    path("api/v1/integrations/operations/", operations_api.OperationList.as_view(), name="api-operations"),
    path(
        "api/v1/integrations/operations/<int:pk>/",
        operations_api.OperationDetail.as_view(),
        name="api-operation",
    ),
    path(
        "api/v1/integrations/operations/<int:pk>/retry/",
        operations_api.OperationRetry.as_view(),
        name="api-operation-retry",
    ),
    path(
        "api/v1/integrations/operations/<int:pk>/cancel/",
        operations_api.OperationCancel.as_view(),
        name="api-operation-cancel",
    ),
    path(
        "api/v1/integrations/operations/<int:pk>/replay/",
        operations_api.OperationReplay.as_view(),
        name="api-operation-replay",
    ),
]
webhook_urlpatterns = [
    path("api/v1/webhooks/", webhooks_api.WebhookList.as_view(), name="api-webhooks"),
    path("api/v1/webhooks/test/", webhooks_api.WebhookTest.as_view(), name="api-webhook-test"),
    path("api/v1/webhooks/<int:pk>/", webhooks_api.WebhookDetail.as_view(), name="api-webhook"),
    path("api/v1/webhooks/<int:pk>/secret/", webhooks_api.WebhookSecret.as_view(), name="api-webhook-secret"),
    path("api/v1/webhooks/<int:pk>/pause/", webhooks_api.WebhookPause.as_view(), name="api-webhook-pause"),
    path("api/v1/webhooks/<int:pk>/resume/", webhooks_api.WebhookResume.as_view(), name="api-webhook-resume"),
    path("api/v1/webhooks/<int:pk>/missed/", webhooks_api.WebhookMissed.as_view(), name="api-webhook-missed"),
    path(
        "api/v1/webhooks/<int:pk>/deliveries/",
        webhooks_api.DeliveryList.as_view(),
        name="api-webhook-deliveries",
    ),
    path("integrations/webhooks/", webhooks.WebhooksPage.as_view(), name="webhooks-page"),
    path("integrations/webhooks/download/", webhooks.WebhooksDownload.as_view(), name="webhooks-download"),
    path("integrations/webhooks/<int:pk>/", webhooks.WebhookPage.as_view(), name="webhook-page"),
    path(
        "integrations/webhooks/<int:pk>/deliveries/download/",
        webhooks.DeliveriesDownload.as_view(),
        name="webhook-deliveries-download",
    ),
    path(
        "integrations/webhooks/<int:pk>/<slug:action>/",
        webhooks.WebhookAction.as_view(),
        name="webhook-action",
    ),
]
urlpatterns = [
    *api_urlpatterns,
    path("integrations/1c/schedules/", onec_sends.SendsPage.as_view(), name="sends-page"),
    path("integrations/1c/schedules/download/", onec_sends.SendsDownload.as_view(), name="sends-download"),
    path("integrations/1c/schedules/send/", onec_sends.SendSchedules.as_view(), name="sends-start"),
    path("integrations/1c/schedules/runs/<int:pk>/", onec_sends.SendRunPage.as_view(), name="send-run-page"),
    path(
        "integrations/1c/schedules/runs/<int:pk>/download/",
        onec_sends.SendRunDownload.as_view(),
        name="send-run-download",
    ),
    path("integrations/1c/facts/", onec_facts.FactsPage.as_view(), name="facts-page"),
    path("integrations/1c/facts/download/", onec_facts.FactsDownload.as_view(), name="facts-download"),
    path("integrations/1c/facts/<int:pk>/", onec_facts.FactPage.as_view(), name="fact-page"),
    path("integrations/1c/facts/<int:pk>/decide/", onec_facts.DecideFact.as_view(), name="fact-decide"),
    path("integrations/1c/vacations/", onec_vacations.VacationsPage.as_view(), name="vacations-page"),
    path(
        "integrations/1c/vacations/download/",
        onec_vacations.VacationsDownload.as_view(),
        name="vacations-download",
    ),
    path("ccwfm/api/rest/status", vendor_status.VendorStatus.as_view(), name="vendor-status"),
    path(
        "ccwfm/<str:secret>/api/rest/status",
        vendor_status.VendorStatus.as_view(),
        name="vendor-status-secret",
    ),
    *webhook_urlpatterns,
    *operation_urlpatterns,
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
    path("integrations/", health.HealthPage.as_view(), name="health-page"),
    path("integrations/health/part/", health.HealthPage.as_view(part=True), name="health-part"),
    path("integrations/health/download/", health.HealthDownload.as_view(), name="health-download"),
    path("integrations/connections/<slug:code>/", health.ConnectionPage.as_view(), name="connection-page"),
    path(
        "integrations/connections/<slug:code>/test/",
        health.TestConnection.as_view(),
        name="connection-test",
    ),
    path(
        "integrations/connections/<slug:code>/pause/",
        health.PauseConnection.as_view(),
        name="connection-pause",
    ),
    path("integrations/connections/<slug:code>/run/", health.RunConnection.as_view(), name="connection-run"),
    path(
        "integrations/connections/<slug:code>/calls/download/",
        health.CallsDownload.as_view(),
        name="calls-download",
    ),
    path(
        "integrations/connections/<slug:code>/endpoints/download/",
        health.EndpointsDownload.as_view(),
        name="endpoints-download",
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
