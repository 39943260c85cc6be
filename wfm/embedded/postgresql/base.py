"""Django's PostgreSQL backend that starts the bundled server when the first connection is wanted.

Importing the settings (for `--help`, type checks, message catalogues) therefore starts nothing.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

from wfm.embedded import services


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        services.start()
        return super().get_connection_params()
