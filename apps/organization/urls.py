from __future__ import annotations

from django.urls import path

from apps.organization.api import views

app_name = "organization"
urlpatterns = [
    path("api/v1/sites/", views.SiteList.as_view(), name="api-sites"),
    path("api/v1/departments/", views.DepartmentList.as_view(), name="api-departments"),
    path("api/v1/queues/", views.QueueList.as_view(), name="api-queues"),
    path("api/v1/queues/<int:pk>/", views.QueueDetail.as_view(), name="api-queue"),
    path("api/v1/employees/", views.EmployeeList.as_view(), name="api-employees"),
    path("api/v1/employees/<int:pk>/", views.EmployeeDetail.as_view(), name="api-employee"),
]
