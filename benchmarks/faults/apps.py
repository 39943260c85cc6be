from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class FaultsConfig(AppConfig):
    name = "benchmarks.faults"
    label = "faults"

    def ready(self) -> None:
        pace = float(getattr(settings, "FAULTS_PACE", 1))
        if pace != 1:
            import_module("benchmarks.faults.pace").quicken(pace)
