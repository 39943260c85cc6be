"""`/metrics` for Prometheus, and the middleware that counts requests."""

from __future__ import annotations

import ipaddress
from hmac import compare_digest
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import connection
from django.dispatch import receiver
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_structlog.signals import bind_extra_request_finished_metadata
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from apps.core.metrics import announce, collect, count_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.backends.postgresql.base import DatabaseWrapper
    from django.http import HttpRequest
    from prometheus_client import Metric

    Handler = Callable[[HttpRequest], HttpResponse]

STARTED = "wfm.started"
REFUSAL = "Not for you: see METRICS_TOKEN and METRICS_ADDRESSES in the documentation.\n"
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


class _Everything:
    def collect(self) -> Iterator[Metric]:
        return collect()

    def describe(self) -> list[Metric]:
        """Give nothing: names are not checked for repeats at registration."""
        return []


_registry = CollectorRegistry()
_registry.register(_Everything())


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the figures of the whole installation to whom the settings name, else 403."""
    if not may_read(request):
        return HttpResponse(REFUSAL, status=403, content_type="text/plain")
    return HttpResponse(generate_latest(_registry), content_type=CONTENT_TYPE_LATEST)


def may_read(request: HttpRequest) -> bool:
    """Tell whether the request bears the token, or comes straight from an address that may read."""
    token: str = settings.METRICS_TOKEN
    said = request.headers.get("Authorization", "").encode()
    if token and compare_digest(said, f"Bearer {token}".encode()):
        return True
    # Behind a proxy that hides who asks, everybody would come from its address.
    if any(header in request.headers for header in FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(network) for network in settings.METRICS_ADDRESSES)


def count_requests(get_response: Handler) -> Handler:
    """Count every request with its route, method, status and time. Put it first: it times all others."""
    announce("web", pool_figures)

    def handle(request: HttpRequest) -> HttpResponse:
        started = request.META[STARTED] = perf_counter()
        response = get_response(request)
        count_request(_route(request), request.method or "", response.status_code, perf_counter() - started)
        return response

    return handle


@receiver(bind_extra_request_finished_metadata)
def tell_route_and_time(request: HttpRequest, log_kwargs: dict[str, Any], **_kwargs: Any) -> None:
    """Add to the log's `request_finished` what a reader would otherwise have to compute."""
    log_kwargs["route"] = _route(request)
    if (started := request.META.get(STARTED)) is not None:
        log_kwargs["duration_ms"] = round((perf_counter() - started) * 1000, 1)


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is not None:
        return match.view_name or match.route
    return "static" if request.path.startswith(f"/{settings.STATIC_URL.lstrip('/')}") else "unmatched"


def pool_figures() -> dict[str, Any]:
    """Give the state of this process's connection pool; nothing when it has none."""
    if not connection.settings_dict["OPTIONS"].get("pool"):
        return {}
    figures = cast("DatabaseWrapper", connection).pool.get_stats()
    names = ("pool_max", "pool_size", "pool_available", "requests_waiting")
    return {name: figures.get(name, 0) for name in names}
