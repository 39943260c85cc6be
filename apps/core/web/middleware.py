"""Who asks: for the log, for the audit, and back to the caller as `X-Request-ID`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from structlog.contextvars import bind_contextvars, get_contextvars

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    Handler = Callable[[HttpRequest], HttpResponse]

USER_AGENT_LENGTH = 300


def request_facts(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Bind address and user agent for the length of the request (django-structlog binds the request id).

    Synchronous on purpose and last in the list: Django then runs the whole chain in one thread, where an
    asynchronous end would move every synchronous middleware to a thread of its own.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        bind_contextvars(
            address=request.META.get("REMOTE_ADDR"),
            user_agent=request.headers.get("User-Agent", "")[:USER_AGENT_LENGTH],
        )
        request_id = get_contextvars().get("request_id")
        response = get_response(request)
        if request_id:
            response["X-Request-ID"] = request_id
        return response

    return handle
