"""Refusals of this app."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from apps.core.errors import ConflictError


class RuleBrokenError(ConflictError):
    """An edit would newly break a hard labour rule, or break one further; `extra` holds the whole effect."""

    code = "rule_broken"


class UnseenEffectError(ConflictError):
    """An edit would do something else than what the person was shown; `effect` (an `Effect`) is that."""

    code = "unseen_effect"

    def __init__(self, effect: Any) -> None:
        super().__init__(_("This effect was not shown yet."))
        self.effect = effect
