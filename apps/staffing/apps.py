from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StaffingConfig(AppConfig):
    name = "apps.staffing"
    label = "staffing"
    verbose_name = _("Staffing")

    def ready(self) -> None:
        import_module("apps.staffing.tasks")
