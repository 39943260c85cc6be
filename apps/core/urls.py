"""Addresses for balancers and monitors."""

from __future__ import annotations

from django.urls import path

from apps.core.web import health, metrics
from apps.core.web.api import describing

app_name = "core"
urlpatterns = [
    path("api/v1/schema/", describing.SchemaView.as_view(), name="api-schema"),
    path("api/v1/docs/", describing.DocsView.as_view(), name="api-docs"),
    path("health", health.health, name="health"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("metrics", metrics.metrics, name="metrics"),
]
