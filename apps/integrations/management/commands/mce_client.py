"""The process that listens to MCE/Oktell, for all connections of that system."""

from __future__ import annotations

import signal
import threading
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import connection

from apps.core.outlasting import DATABASE_AWAY
from apps.integrations.services.mce import Sessions

LOOK_S = 3.0
log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Listen to MCE/Oktell live until SIGTERM; connections may come, change and go meanwhile."

    def handle(self, *_args: Any, **_options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_facts: stopping.set())
        sessions = Sessions()
        try:
            while not stopping.is_set():
                try:
                    sessions.keep_up()
                except DATABASE_AWAY as error:
                    connection.close()
                    log.warning("mce_database_away", error=type(error).__name__)
                stopping.wait(LOOK_S)
        finally:
            sessions.end_all()
