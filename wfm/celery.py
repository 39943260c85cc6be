"""Background work: the Celery app of every process, its workers and its beat."""

from __future__ import annotations

import os
import signal
from typing import Any

from celery import Celery, signals
from django_structlog.celery.steps import DjangoStructLogInitStep

from apps.core.processes import ask_to_die_with_parent
from wfm.embedded import services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.prod")

app = Celery("wfm")
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


@signals.setup_logging.connect
def keep_our_logging(**_kwargs: Any) -> None:
    """Leave logging as Django configured it: with a receiver here Celery does not replace it."""
