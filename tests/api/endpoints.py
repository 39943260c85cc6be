"""Every address of the product with its methods, read from the URLconf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, URLResolver, get_resolver

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = ("get", "post", "put", "patch", "delete")
ELSEWHERE = frozenset({"admin"})  # the stock admin: by model, in `test_admin_permissions.py`


@dataclass(frozen=True, order=True)
class Endpoint:
    """One method of one address."""

    route: str
    method: str
    name: str

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")


def endpoints() -> list[Endpoint]:
    """Give every method of every address, in order of addresses."""
    return sorted(_walk(get_resolver().url_patterns, "", ""))


def views() -> Iterator[tuple[str, Any]]:
    """Give the name and the view class of every API address."""
    for name, callback in _callbacks(get_resolver().url_patterns, ""):
        if hasattr(callback, "cls"):
            yield name, callback.cls


def _walk(patterns: Any, prefix: str, namespace: str) -> Iterator[Endpoint]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if pattern.namespace not in ELSEWHERE:
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from _walk(pattern.url_patterns, route, inner)
        elif isinstance(pattern, URLPattern):
            for method in _methods(pattern.callback):
                yield Endpoint(route, method.upper(), f"{namespace}{pattern.name}")


def _callbacks(patterns: Any, namespace: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _callbacks(pattern.url_patterns, inner)
        else:
            yield f"{namespace}{pattern.name}", pattern.callback


def _methods(callback: Any) -> list[str]:
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    if view is None:
        return ["get"]
    return [method for method in METHODS if method in view.http_method_names and hasattr(view, method)]
