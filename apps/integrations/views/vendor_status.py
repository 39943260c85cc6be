"""The door at which a contact centre drops its agents' statuses; it expects no answer and waits for none."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from apps.core.phrases import Phrase
from apps.core.web.metrics import FORWARDED
from apps.integrations.errors import ExchangeError
from apps.integrations.services.centre.doors import Caller, Refusal
from apps.integrations.services.centre.pushing import take_status
from apps.integrations.wire.onec.fields import NOT_AN_OBJECT, FieldError
from apps.integrations.wire.reading import json_of

MOST_BYTES = 16_384
STATUS_OF = {Refusal.UNKNOWN: 404, Refusal.ADDRESS: 403, Refusal.SIGN_IN: 401}


@method_decorator(csrf_exempt, name="dispatch")
class VendorStatus(View):
    """Takes one status message; who sends it is proven by address, secret path or sign-in.

    No session is looked at, so there is nothing that a foreign page could abuse.
    """

    http_method_names = ["post"]

    def post(self, request: HttpRequest, secret: str = "") -> HttpResponse:
        """Answer at once with nothing; `{field, message, description}` where it cannot be read."""
        try:
            length = int(request.headers.get("Content-Length") or 0)
        except ValueError:
            length = 0
        if length > MOST_BYTES:
            return _error(413, "", _("The message is longer than %(most)d bytes.") % {"most": MOST_BYTES})
        try:
            body = request.body
        except RawPostDataException:  # a form, which was read as such
            body = b""
        if len(body) > MOST_BYTES:
            return _error(413, "", _("The message is longer than %(most)d bytes.") % {"most": MOST_BYTES})
        try:
            refusal = take_status(_message(body), _caller(request, secret))
        except FieldError as error:
            return _error(400, error.field, str(error.reason))
        except ExchangeError as error:
            return _error(400, "", str(error.reason))
        return HttpResponse() if refusal is None else _refused(refusal)


def _message(body: bytes) -> dict[str, Any]:
    message = json_of(body)
    if not isinstance(message, dict):
        raise FieldError("", Phrase(NOT_AN_OBJECT))
    return message


def _caller(request: HttpRequest, secret: str) -> Caller:
    """Behind a proxy that hides who asks everybody would come from its address: then there is none."""
    is_hidden = any(header in request.headers for header in FORWARDED)
    return Caller(
        address="" if is_hidden else request.META.get("REMOTE_ADDR", ""),
        secret=secret,
        authorization=request.headers.get("Authorization", ""),
    )


def _refused(refusal: Refusal) -> HttpResponse:
    response = _error(STATUS_OF[refusal], "", _("This door is not open to you."))
    if refusal is Refusal.SIGN_IN:
        response["WWW-Authenticate"] = 'Basic realm="ccwfm"'
    return response


def _error(status: int, field: str, message: str) -> HttpResponse:
    return JsonResponse({"field": field, "message": message, "description": message}, status=status)
