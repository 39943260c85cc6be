"""Addresses for balancers."""

from __future__ import annotations

urlpatterns: list[object] = []
