from __future__ import annotations

from django.urls import path

from apps.jobs.api import views
from apps.jobs.views import bell, downloads, pages

app_name = "jobs"
urlpatterns = [
    path("api/v1/jobs/", views.JobList.as_view(), name="list"),
    path("api/v1/jobs/<uuid:pk>/", views.JobDetail.as_view(), name="detail"),
    path("api/v1/jobs/<uuid:pk>/cancel/", views.JobCancel.as_view(), name="cancel"),
    path("jobs/", pages.JobListPage.as_view(), name="list-page"),
    path("jobs/download/", downloads.JobsDownload.as_view(), name="list-download"),
    path("jobs/<uuid:pk>/", pages.JobPage.as_view(), name="detail-page"),
    path("jobs/<uuid:pk>/progress/", pages.JobProgress.as_view(), name="progress"),
    path("jobs/<uuid:pk>/stop/", pages.JobStop.as_view(), name="stop"),
    path("jobs/<uuid:pk>/repeat/", pages.JobRepeat.as_view(), name="repeat"),
    path("jobs/bell/", bell.Bell.as_view(), name="bell"),
    path("jobs/bell/seen/", bell.BellSeen.as_view(), name="seen"),
]
