"""Which simulators there are, and where each lives; loaded by name, so that one never loads the others."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from apps.integrations.simulators.serving.simulator import Simulator

SIMULATORS = {
    "onec": "apps.integrations.simulators.onec.system:OneC",
    "contact-centre": "apps.integrations.simulators.contact_centre.system:ContactCentre",
    "mce": "apps.integrations.simulators.mce.system:Mce",
    "webhook-receiver": "apps.integrations.simulators.webhook_receiver.system:WebhookReceiver",
}


def simulator_class(name: str) -> type[Simulator]:
    """Give the class of the simulator; raises `KeyError` for a name that is not in the table."""
    module, _colon, attribute = SIMULATORS[name].partition(":")
    return cast("type[Simulator]", getattr(import_module(module), attribute))
