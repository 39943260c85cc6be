"""What every request goes through: texts that no view can read, and who asks (for log, audit and caller)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import RequestDataTooBig
from django.urls import is_valid_path
from structlog.contextvars import bind_contextvars, get_contextvars

from apps.core.web.failing import nonsense, too_large

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest, HttpResponse

    Handler = Callable[[HttpRequest], HttpResponse]

API = "/api/"
USER_AGENT_LENGTH = 300
NUL = "\0"
NUL_IN_JSON = (b"\\u0000", b"\0")
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def refuse_nul(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 400 to a NUL in query, form, JSON or cookies: the database takes no text that holds one.

    What is too large to be looked through is answered with 413.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        try:
            holds_nul = any(NUL in text for text in _texts(request)) or _nul_in_json(request)
        except RequestDataTooBig:
            return too_large(request)
        if holds_nul:
            return nonsense(request)
        return get_response(request)

    return handle


def _texts(request: HttpRequest) -> Iterator[str]:
    yield from request.COOKIES.values()
    sources = [request.GET]
    if request.method == "POST" and request.content_type in FORMS:
        sources.append(request.POST)
    for source in sources:
        for name, values in source.lists():
            yield name
            yield from map(str, values)


def _nul_in_json(request: HttpRequest) -> bool:
    return request.content_type == "application/json" and any(nul in request.body for nul in NUL_IN_JSON)


def without_slash(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let an address of the API do without its last slash, as other systems' contracts write them.

    A redirect would lose the body of a POST.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        path = request.path_info
        is_bare = path.startswith(API) and not path.endswith("/")
        if is_bare and not is_valid_path(path) and is_valid_path(f"{path}/"):
            request.path_info, request.path = f"{path}/", f"{request.path}/"
        return get_response(request)

    return handle


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
