from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationConfig(AppConfig):
    name = "apps.organization"
    label = "organization"
    verbose_name = _("Organization")

    def ready(self) -> None:
        import_module("apps.organization.policies")  # registers deputies as a source of roles
