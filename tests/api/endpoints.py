"""Every address of the product with its methods, read from the URLconf."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts.authentication import area_of

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = ("get", "post", "put", "patch", "delete")
ELSEWHERE = frozenset({"admin"})  # the stock admin: what it lets whom do is tested by model in its apps


@dataclass(frozen=True, order=True)
class Endpoint:
    """One method of one address."""

    route: str
    method: str
    name: str
    view: Any = field(compare=False, repr=False)

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")

    @property
    def action(self) -> str:
        """What a key's scope calls the method."""
        reads = self.method == "GET" or getattr(self.view, "reads_by_post", False)
        reads = reads and not getattr(self.view, "guards_reading", False)
        return "read" if reads else "write"

    @property
    def area(self) -> str | None:
        return getattr(self.view, "area", None) or area_of(f"/{self.route}")


def endpoints() -> list[Endpoint]:
    """Give every method of every address, in order of addresses."""
    return sorted(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: Any, prefix: str, namespace: str) -> Iterator[Endpoint]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if pattern.namespace not in ELSEWHERE:
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from _walk(pattern.url_patterns, route, inner)
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
            for method in _methods(view):
                yield Endpoint(route, method.upper(), f"{namespace}{pattern.name}", view)


def _methods(view: Any) -> list[str]:
    if view is None:
        return ["get"]
    return [method for method in METHODS if method in view.http_method_names and hasattr(view, method)]
