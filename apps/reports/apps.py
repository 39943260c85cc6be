from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Read-only cross-sections of the whole chain: no models, no writes."""

    name = "apps.reports"
    label = "reports"
    verbose_name = _("Reports")
