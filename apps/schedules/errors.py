"""Refusals of this app."""

from __future__ import annotations

from apps.core.errors import ConflictError


class RuleBrokenError(ConflictError):
    """An edit would newly break a hard labour rule, or break one further; `extra` holds the whole effect."""

    code = "rule_broken"
