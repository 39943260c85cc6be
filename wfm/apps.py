"""What Django loads of the project itself: its admin site, and Celery for every process."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ProjectConfig(AppConfig):
    name = "wfm"
    verbose_name = "WFM"

    def ready(self) -> None:
        import_module("wfm.celery")  # only now: it reads the settings


class WfmAdminConfig(AdminConfig):
    default = False  # of this module; the settings name it
    default_site = "wfm.admin.WfmAdminSite"
