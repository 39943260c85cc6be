from __future__ import annotations

from django.urls import path

from apps.organization.api import people, places, structure
from apps.organization.views import downloads

app_name = "organization"
API = "api/v1/"
urlpatterns = [
    path(f"{API}sites/", structure.SiteList.as_view(), name="api-sites"),
    path(f"{API}sites/<int:pk>/", structure.SiteRow.as_view(), name="api-site"),
    path(f"{API}departments/", structure.DepartmentList.as_view(), name="api-departments"),
    path(f"{API}departments/<int:pk>/", structure.DepartmentRow.as_view(), name="api-department"),
    path(f"{API}positions/", structure.PositionList.as_view(), name="api-positions"),
    path(f"{API}positions/<int:pk>/", structure.PositionRow.as_view(), name="api-position"),
    path(f"{API}services/", structure.ServiceList.as_view(), name="api-services"),
    path(f"{API}services/<int:pk>/", structure.ServiceRow.as_view(), name="api-service"),
    path(f"{API}skills/", structure.SkillList.as_view(), name="api-skills"),
    path(f"{API}skills/<int:pk>/", structure.SkillRow.as_view(), name="api-skill"),
    path(f"{API}queues/", structure.QueueList.as_view(), name="api-queues"),
    path(f"{API}queues/<int:pk>/", structure.QueueRow.as_view(), name="api-queue"),
    path(f"{API}employees/", people.EmployeeList.as_view(), name="api-employees"),
    path(f"{API}employees/<int:pk>/", people.EmployeeDetail.as_view(), name="api-employee"),
    path(f"{API}employees/<int:pk>/queues/", places.EmployeeQueues.as_view(), name="api-employee-queues"),
    path(f"{API}employees/<int:pk>/skills/", people.EmployeeSkills.as_view(), name="api-employee-skills"),
    path("employees/download/", downloads.EmployeesDownload.as_view(), name="employees-download"),
    path("queues/download/", downloads.QueuesDownload.as_view(), name="queues-download"),
]
