"""How the API describes itself: what all operations share is told once here."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from apps.core.web.api.problems import PROBLEM_JSON
from apps.core.web.api.repeats import HEADER

if TYPE_CHECKING:
    from drf_spectacular.utils import Direction

JOB_ACCEPTED = OpenApiResponse(
    inline_serializer(
        "JobAccepted",
        {
            "job": inline_serializer(
                "JobAddress", {"id": serializers.UUIDField(), "url": serializers.CharField()}
            )
        },
    ),
    description="The job that does the work; `Location` and `job.url` are its address.",
)
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "fields"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "In the language of the request."},
        "code": {"type": "string", "description": "For programs: the same in every language."},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "description": "What is wrong, by field.",
        },
    },
    "additionalProperties": True,
}
MEANING = {
    HTTPStatus.BAD_REQUEST: "Not valid: `fields` says what.",
    HTTPStatus.UNAUTHORIZED: "Nobody is signed in, or the key does not hold.",
    HTTPStatus.FORBIDDEN: "This person or key may not do it.",
    HTTPStatus.NOT_FOUND: "There is none, or the person may not know of it.",
    HTTPStatus.CONFLICT: "The state of the thing forbids it now.",
    HTTPStatus.PRECONDITION_FAILED: "Changed meanwhile: `etag` is the tag that holds now.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is of a type that this address does not read.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The Idempotency-Key came with another request before.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests: wait `Retry-After` seconds.",
}
ALWAYS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)
WRITES = (HTTPStatus.CONFLICT, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


class Schema(AutoSchema):
    """A summary from the docstring, the refusals that are possible, and the headers of repeats and edits."""

    def get_summary(self) -> str:
        """Give the first line of the docstring, of the method or else of the view."""
        return self._words().partition("\n")[0].strip()

    def get_description(self) -> str:  # type: ignore[override]
        return self._words().partition("\n")[2].strip()

    def get_override_parameters(self) -> list[Any]:
        view, parameters = self.view, []
        if self.method == "POST" and getattr(view, "repeatable", False):
            told = "Send the same again without doing it again: the first answer comes back (24 h)."
            parameters.append(OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, description=told))
        if self.method in getattr(view, "tagged_methods", ()):
            told = "The `ETag` of what the edit builds on; 412 when it no longer holds."
            parameters.append(OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description=told))
        return parameters

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status in self._refusals():
            content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
            bodies.setdefault(str(int(status)), {"description": MEANING[status], "content": content})
        return dict(sorted(bodies.items()))

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Tell whether a list is answered: by GET, where the view `creates` by POST."""
        if getattr(self.view, "creates", False):
            return self.method == "GET"
        is_list: bool = super()._is_list_view(serializer)
        return is_list

    def _get_filter_parameters(self) -> list[Any]:
        """Give what a list is filtered by, where one is read."""
        return super()._get_filter_parameters() if self.method == "GET" else []  # type: ignore[no-untyped-call]

    def _get_pagination_parameters(self) -> list[Any]:
        return super()._get_pagination_parameters() if self.method == "GET" else []  # type: ignore[no-untyped-call]

    def _get_paginator(self) -> Any:
        return super()._get_paginator() if self.method == "GET" else None  # type: ignore[no-untyped-call]

    def _is_create_operation(self) -> bool:
        return self.method == "POST" and (
            getattr(self.view, "creates", False) or super()._is_create_operation()
        )

    def _refusals(self) -> list[HTTPStatus]:
        is_open = any(isinstance(permission, AllowAny) for permission in self.view.get_permissions())
        refusals = [HTTPStatus.TOO_MANY_REQUESTS] if is_open else list(ALWAYS)
        if "{" in self.path:
            refusals.append(HTTPStatus.NOT_FOUND)
        if self.method != "GET":
            refusals += WRITES
        if self.method in getattr(self.view, "tagged_methods", ()):
            refusals.append(HTTPStatus.PRECONDITION_FAILED)
        if self.method == "POST" and getattr(self.view, "repeatable", False):
            refusals.append(HTTPStatus.UNPROCESSABLE_ENTITY)
        return refusals

    def _words(self) -> str:
        method = getattr(type(self.view), self.method.lower(), None)
        words = (method and method.__doc__) or type(self.view).__doc__ or ""
        return "\n".join(line.strip() for line in words.strip().splitlines())


def add_problem(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Describe the problem document once, for all the refusals that refer to it."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    return result
