"""Addresses for balancers and monitors."""

from __future__ import annotations

from django.urls import path

from apps.core.web import health

app_name = "core"
urlpatterns = [
    path("health", health.health, name="health"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
]
