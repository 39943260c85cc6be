from importlib import import_module

from django.apps import AppConfig


class OrganizationConfig(AppConfig):
    name = "apps.organization"
    label = "organization"

    def ready(self) -> None:
        import_module("apps.organization.policies")  # registers deputies as a source of roles
