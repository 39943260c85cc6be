"""What OPTIONS answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.metadata import BaseMetadata

if TYPE_CHECKING:
    from rest_framework.request import Request


class Methods(BaseMetadata):
    """Names the methods of an address; what they take and give stands in the schema."""

    def determine_metadata(self, request: Request, view: Any) -> dict[str, Any]:
        return {"methods": view.allowed_methods, "schema": "/api/v1/schema/"}
