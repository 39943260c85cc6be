"""Background work: the Celery app of every process, its workers and its beat."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Any

from celery import Celery, signals
from celery.app.amqp import AMQP
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu import Connection

from apps.core.processes import ask_to_die_with_parent, set_start_aside
from wfm.embedded import services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.prod")

RECONNECT_EVERY_S = 1.0


class PromptConnection(Connection):
    """A connection of a worker or beat that looks every second for a broker that is away, for ever."""

    def ensure_connection(self, *args: Any, **options: Any) -> Connection:  # type: ignore[override]
        pace = {"interval_start": RECONNECT_EVERY_S, "interval_step": 0.0, "interval_max": RECONNECT_EVERY_S}
        return super().ensure_connection(*args, **{**pace, **options})

    def maybe_close_channel(self, channel: Any) -> None:
        """Close a channel, also one of a broker that went away while its messages were in work.

        They cannot be given back then; trying to do so without a transport ended the whole worker.
        """
        with suppress(AttributeError):
            super().maybe_close_channel(channel)


class Messages(AMQP):
    Connection = PromptConnection


class TimelySenders(Celery):
    """Senders of messages wait for an answer of the broker no longer than for the broker itself.

    Only they: the connection on which a worker takes and acknowledges messages outlasts a broker that hangs.
    When it was cut there, the message stayed unacknowledged, and the worker took no other one ever again.
    """

    def connection_for_write(self, url: str | None = None, **options: Any) -> Connection:
        own = options.pop("transport_options", None) or {}
        timely = {"socket_timeout": self.conf.redis_socket_timeout, **own}
        return super().connection_for_write(url, transport_options=timely, **options)


app = TimelySenders("wfm", amqp=Messages)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()
app.steps["worker"].add(DjangoStructLogInitStep)


@signals.celeryd_init.connect
@signals.beat_init.connect
def start_bundled_servers(**_kwargs: Any) -> None:
    """Hold the bundled servers for the life of a worker or beat, which reach for Redis first."""
    services.start()


@signals.worker_process_init.connect
def end_with_the_worker(**_kwargs: Any) -> None:
    """Let the processes of a killed worker end with it, not finish a job that is given to another."""
    ask_to_die_with_parent(signal.SIGKILL)


@signals.worker_process_init.connect
def keep_rounds_short(**_kwargs: Any) -> None:
    """Let a job not be stopped by rounds over all that the worker has imported."""
    set_start_aside()


@signals.setup_logging.connect
def keep_our_logging(**_kwargs: Any) -> None:
    """Leave logging as Django configured it: with a receiver here Celery does not replace it."""
