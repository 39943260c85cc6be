from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    """Talks to other systems: connections, the operation queue, adapters, webhooks."""

    name = "apps.integrations"
    label = "integrations"
    verbose_name = _("Integrations")
