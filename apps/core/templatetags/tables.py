"""Heads of tables that the server sorts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html

if TYPE_CHECKING:
    from django.template import Context
    from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def sort_head(context: Context, key: str, label: str, css: str = "") -> SafeString:
    """Write a head whose link sorts by `key`: `?sort=key`, again `?sort=-key`; the rest of the query stays.

    The page number goes: another order has another first page.
    """
    query = context["request"].GET.copy()
    current = query.get("sort", "")
    order = {key: "ascending", f"-{key}": "descending"}.get(current, "none")
    query["sort"] = f"-{key}" if current == key else key
    query.pop("page", None)
    return format_html(
        '<th scope="col" class="{}" aria-sort="{}"><a href="?{}">{}</a></th>',
        css,
        order,
        query.urlencode(),
        label,
    )
