"""A person's own settings of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from apps.accounts.choices import Density, Theme

if TYPE_CHECKING:
    from apps.accounts.models import User


def change_preferences(*, user: User, language: str = "", theme: str = "", density: str = "") -> User:
    """Keep the language, theme or density the person chose; what is empty or unknown stays as it was."""
    changed = []
    if language in dict(settings.LANGUAGES):
        user.language = language
        changed.append("language")
    if theme in Theme.values:
        user.theme = theme
        changed.append("theme")
    if density in Density.values:
        user.density = density
        changed.append("density")
    if changed:
        user.save(update_fields=changed)
    return user
