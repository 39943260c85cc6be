"""`/health` for people and monitors, `/health/live` and `/health/ready` for balancers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.core import clock
from apps.core.health import Health, examine

if TYPE_CHECKING:
    from django.http import HttpRequest


@never_cache
@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """Answer 200 with every check's figures, 503 when the product itself cannot work."""
    return _answer(None)


@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 503 while requests should go elsewhere: without the database no page works."""
    return _answer({"database"})


@never_cache
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """Answer as long as the process does; a restart would not bring a database back."""
    return JsonResponse({"status": Health.HEALTHY})


def _answer(names: set[str] | None) -> JsonResponse:
    whole, findings = examine(names)
    body = {"status": whole, "timestamp": clock.now().isoformat(), "checks": findings}
    return JsonResponse(body, status=503 if whole == Health.UNHEALTHY else 200)
