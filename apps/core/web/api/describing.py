"""The addresses of the schema and of the pages that show it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

if TYPE_CHECKING:
    from rest_framework.request import Request

# Swagger UI sets styles of its own elements; scripts come from our files only, as everywhere.
OWN_POLICY = {"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"], "connect-src": [SELF]}


class SchemaView(SpectacularAPIView):
    """The OpenAPI 3.1 description, `?format=json` or YAML."""

    permission_classes = [IsAuthenticated]

    def _get_schema_response(self, request: Request) -> Response:
        """Answer the description that this process made once: it takes a second, and is the same for all."""
        file_name = self._get_filename(request, None)  # type: ignore[no-untyped-call]
        disposition = f'inline; filename="{file_name}"'
        return Response(described(get_language() or ""), headers={"Content-Disposition": disposition})


@cache
def described(language: str) -> Any:  # noqa: ARG001 - the active one: each has a description of its own
    """Give the description in the language that is active."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]


@method_decorator(csp_replace(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"] | OWN_POLICY), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """The description as pages to read and to try; every file of them is served from here."""

    permission_classes = [IsAuthenticated]
    url_name = "core:api-schema"
    template_name = "core/api_docs.html"
