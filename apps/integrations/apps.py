from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    """Talks to other systems: connections, the operation queue, adapters, webhooks."""

    name = "apps.integrations"
    label = "integrations"
    verbose_name = _("Integrations")

    def ready(self) -> None:
        import_module("apps.integrations.health_checks")
        import_module("apps.integrations.metrics")
        import_module("apps.integrations.services.calls")  # keeps every call that this process makes
        import_module("apps.integrations.services.fact_sends.sending")
        import_module("apps.integrations.services.personnel")
        import_module("apps.integrations.services.personnel.asking")
        import_module("apps.integrations.services.timetypes")
        import_module("apps.integrations.services.schedule_sends.sending")
        import_module("apps.integrations.services.schedule_sends.running")
        import_module("apps.integrations.services.argus.reaching")
        import_module("apps.integrations.services.webhooks.delivering")
        import_module("apps.integrations.services.centre.feeding")
        import_module("apps.integrations.services.centre.past")
        import_module("apps.integrations.services.centre.personnel")
        import_module("apps.integrations.services.centre.testing")
        import_module("apps.integrations.services.mce.testing")
        import_module("apps.integrations.receivers")
        import_module("apps.integrations.services.schedule_sends.listening")
        import_module("apps.integrations.tasks")  # its jobs can be started by any process
        import_module("apps.integrations.crash")  # refuses to start where it must not
