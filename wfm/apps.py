"""Loads the Celery app with Django, so that every process sends tasks to the configured broker."""

from importlib import import_module

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "wfm"
    verbose_name = "WFM"

    def ready(self) -> None:
        import_module("wfm.celery")  # only now: it reads the settings
