"""The addresses of the schema and of the pages that show it."""

from __future__ import annotations

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated

# Swagger UI sets styles of its own elements; scripts come from our files only, as everywhere.
OWN_POLICY = {"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"], "connect-src": [SELF]}


class SchemaView(SpectacularAPIView):
    """The OpenAPI 3.1 description, `?format=json` or YAML."""

    permission_classes = [IsAuthenticated]


@method_decorator(csp_replace(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"] | OWN_POLICY), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """The description as pages to read and to try; every file of them is served from here."""

    permission_classes = [IsAuthenticated]
    url_name = "core:api-schema"
