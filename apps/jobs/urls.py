from __future__ import annotations

from django.urls import path

from apps.jobs.api import views

app_name = "jobs"
urlpatterns = [
    path("api/v1/jobs/", views.JobList.as_view(), name="list"),
    path("api/v1/jobs/<uuid:pk>/", views.JobDetail.as_view(), name="detail"),
    path("api/v1/jobs/<uuid:pk>/cancel/", views.JobCancel.as_view(), name="cancel"),
]
