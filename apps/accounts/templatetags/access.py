"""What templates ask about the person who reads: what they may do, how they want the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from apps.accounts import policies
from apps.accounts.choices import Density, Theme
from apps.accounts.models import User

if TYPE_CHECKING:
    from django.template import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def may(context: Context, capability: str) -> bool:
    """Tell whether the signed-in person has `capability`, by its value."""
    user: Any = context.get("user")
    return isinstance(user, User) and policies.may(user, policies.Capability(capability))


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """Give the theme of the signed-in person, or of the cookie, or that of the device."""
    user: Any = context.get("user")
    if isinstance(user, User) and user.theme:
        return user.theme
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request is not None else ""
    return chosen if chosen in Theme.values else Theme.SYSTEM.value


@register.simple_tag(takes_context=True)
def density(context: Context) -> str:
    """Give how closely the signed-in person wants rows to stand, or the cookie does."""
    user: Any = context.get("user")
    if isinstance(user, User) and user.density:
        return user.density
    request = context.get("request")
    chosen = request.COOKIES.get("density", "") if request is not None else ""
    return chosen if chosen in Density.values else Density.COMFORTABLE.value
