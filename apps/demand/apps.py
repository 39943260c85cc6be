from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemandConfig(AppConfig):
    name = "apps.demand"
    label = "demand"
    verbose_name = _("Demand")

    def ready(self) -> None:
        import_module("apps.demand.tasks")
