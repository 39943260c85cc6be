from importlib import import_module

import orjson
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import set_json_loads


class CoreConfig(AppConfig):
    name = "apps.core"
    label = "core"
    verbose_name = _("Events")

    def ready(self) -> None:
        set_json_loads(orjson.loads)  # of plain cursors: lists of facts are read several times faster
        import_module("apps.core.checks")  # registers them, as do the others
        import_module("apps.core.encryption.checks")
        import_module("apps.core.health_checks")
        import_module("apps.core.metrics.rows")
        import_module("apps.core.metrics.background")
