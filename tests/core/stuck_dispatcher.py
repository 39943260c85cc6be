"""A dispatcher whose receiver never ends, to be killed."""

import time

import django

django.setup()

from apps.core import events  # noqa: E402 - models need django.setup()
from apps.core.services import outbox  # noqa: E402 - after Django is set up


@events.receiver("month.planned", name="stuck")
def never_end(_event: events.Event) -> None:
    time.sleep(3600)


outbox.deliver_due()
