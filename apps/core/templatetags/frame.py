"""What the frame of every page asks: its entries, and the master data that the reader may open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.contrib import admin
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe

if TYPE_CHECKING:
    from django.template import Context
    from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def nav_item(context: Context, address: str, icon: str, label: str) -> SafeString:
    """Write one entry of the sidebar; `icon` is also the `section` under which a page names it current."""
    current = mark_safe(' aria-current="page"') if context.get("section") == icon else ""
    return format_html(
        '<li><a href="{}"{}><svg aria-hidden="true"><use href="{}#{}"></use></svg>{}</a></li>',
        reverse(address),
        current,
        static("core/icons.svg"),
        icon,
        label,
    )


@register.simple_tag(takes_context=True)
def master_data(context: Context) -> list[dict[str, Any]]:
    """Give the admin's apps and models that the reader may open, in the order of the admin site."""
    known = context.get("available_apps")
    request = context.get("request")
    if known is not None or request is None:
        return list(known or [])
    return admin.site.get_app_list(request)


@register.filter
def startswith(text: str, beginning: str) -> bool:
    """Tell whether an address lies under another."""
    return text.startswith(beginning)
