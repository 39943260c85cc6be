"""Addresses for balancers and monitors, the description of the API, and the page of all components."""

from __future__ import annotations

from django.urls import path

from apps.core.web import health, metrics, styleguide
from apps.core.web.api import describing

app_name = "core"
urlpatterns = [
    path("api/v1/schema/", describing.SchemaView.as_view(), name="api-schema"),
    path("api/v1/docs/", describing.DocsView.as_view(), name="api-docs"),
    path("health", health.health, name="health"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("styleguide/", styleguide.Styleguide.as_view(), name="styleguide"),
    path("styleguide/data/", styleguide.StyleguideData.as_view(), name="styleguide-data"),
    path("metrics", metrics.metrics, name="metrics"),
]
