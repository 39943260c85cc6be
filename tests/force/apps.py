from importlib import import_module

from django.apps import AppConfig


class ForceConfig(AppConfig):
    name = "tests.force"
    label = "force"

    def ready(self) -> None:
        import_module("tests.force.points")
