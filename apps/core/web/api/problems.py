"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

import math
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from apps.core.errors import DomainError, NotAllowedError, NotFoundError

PROBLEM_JSON = "application/problem+json"
HEADERS = {"etag": "ETag", "retry_after": "Retry-After"}  # facts of a refusal that a header tells too


def problem_json(error: Exception, context: dict[str, Any]) -> Response | None:
    """Render a refusal as a problem document; anything unknown stays an error of the server."""
    domain = _as_domain_error(error)
    if domain is not None:
        refusal = _problem(
            domain.status, domain.code, domain.message, fields=domain.fields, extra=domain.extra
        )
        for member, header in HEADERS.items():
            if member in domain.extra:
                refusal[header] = str(domain.extra[member])
        return refusal
    response = exception_handler(error, context)
    if response is None:
        return None
    assert isinstance(error, exceptions.APIException)  # noqa: S101 - exception_handler answers nothing else
    return _from_drf(error, response)


def _as_domain_error(error: Exception) -> DomainError | None:
    if isinstance(error, DomainError):
        return error
    if isinstance(error, Http404):
        return NotFoundError(_("Not found."))
    if isinstance(error, PermissionDenied):
        return NotAllowedError(_("You may not do this."))
    return None


def _from_drf(error: exceptions.APIException, response: Response) -> Response:
    fields: dict[str, list[str]] = {}
    if isinstance(error, exceptions.ValidationError):
        fields = _flat(error.detail)
        detail = _("Some fields are not valid.") if fields else ""
    elif isinstance(error, exceptions.Throttled):
        seconds = math.ceil(getattr(error, "wait", None) or 1)
        detail = _("Too many requests: wait %(seconds)s s.") % {"seconds": seconds}
    else:
        detail = str(error.detail)
    told = error.get_codes()
    code = told if isinstance(told, str) else error.default_code
    problem = _problem(response.status_code, code, detail, fields=fields, extra={})
    for header in ("WWW-Authenticate", "Retry-After"):
        if header in response.headers:
            problem[header] = response.headers[header]
    return problem


def _flat(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Turn nested messages of serializers into one map: `shifts.3.start` -> its messages."""
    if isinstance(detail, dict):
        pairs = detail.items()
    elif isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        pairs = dict(enumerate(detail)).items()
    else:
        messages = detail if isinstance(detail, list) else [detail]
        return {path or "non_field_errors": [str(message) for message in messages]}
    merged: dict[str, list[str]] = {}
    for key, value in pairs:
        if value:
            merged.update(_flat(value, f"{path}.{key}" if path else str(key)))
    return merged


def problem_body(status: int, code: str, detail: str) -> dict[str, Any]:
    """Give the members that every problem document has."""
    return {
        "type": f"urn:wfm:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "fields": {},
    }


def _problem(
    code_http: int, code: str, detail: str, *, fields: dict[str, list[str]], extra: dict[str, Any]
) -> Response:
    body = problem_body(code_http, code, detail) | {"fields": fields, **extra}
    return Response(body, status=code_http, content_type=PROBLEM_JSON)
