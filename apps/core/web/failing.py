"""What answers where no view can: 400 to nonsense, 503 while a server is away, else 500; never a trace."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found
from redis.exceptions import ConnectionError as RedisConnectionError

from apps.core.web.api import PROBLEM_JSON, problem_body

if TYPE_CHECKING:
    from django.http import HttpRequest

AWAY = (OperationalError, InterfaceError, RedisConnectionError, ConnectionError)
RETRY_AFTER_S = 5
MOST_MB = 2.5  # Django's DATA_UPLOAD_MAX_MEMORY_SIZE


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for an exception that no view handled; it stands in the log already."""
    away = isinstance(sys.exception(), AWAY)
    status = 503 if away else 500
    if request.path.startswith("/api/"):
        response: HttpResponse = _problem(status)
    else:
        response = HttpResponse(render_to_string(f"{status}.html"), status=status)
    if away:
        response["Retry-After"] = str(RETRY_AFTER_S)
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer for an address that leads nowhere."""
    if request.path.startswith("/api/"):
        return _problem(404)
    return page_not_found(request, exception)


def nonsense(request: HttpRequest) -> HttpResponse:
    """Answer 400 to a request that no view can read."""
    if request.path.startswith("/api/"):
        return _problem(400)
    return HttpResponse(render_to_string("400.html"), status=400)


def too_large(request: HttpRequest) -> HttpResponse:
    """Answer 413 to a form or JSON that is larger than what views read; files have limits of their own."""
    if request.path.startswith("/api/"):
        return _problem(413)
    return HttpResponse(render_to_string("400.html"), status=413)


def _problem(status: int) -> JsonResponse:
    code, detail = {
        400: ("invalid", _("The request holds a character that no text may hold (NUL).")),
        404: ("not_found", _("There is nothing at this address.")),
        413: ("too_large", _("The request is larger than %(size)s MB.") % {"size": MOST_MB}),
        500: ("server_error", _("Something broke on our side.")),
        503: ("unavailable", _("The service is not available just now; try again in a moment.")),
    }[status]
    return JsonResponse(problem_body(status, code, detail), status=status, content_type=PROBLEM_JSON)
