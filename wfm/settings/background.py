"""Celery: the queues, and settings under which a lost worker or broker costs time but no work.

A message is only a wake-up for a row (see `docs/decisions/0003-rows-are-the-truth.md`), so a message that
comes twice is harmless and one that never comes is made up for by the sweeps of the beat.
"""

import environ
from celery.schedules import crontab
from kombu import Exchange, Queue

from wfm.embedded import services
from wfm.settings.reading import number, refuse_wrong_addresses

env = environ.Env()

refuse_wrong_addresses(env)
REDIS_URL = services.redis_url(env)
REDIS_PREFIX = env("REDIS_PREFIX", default="wfm:")
REDIS_TIMEOUT_S = 2.0  # of every answer to a sender (see `wfm.celery`): a Redis that hangs counts as away
REDELIVER_AFTER_S = 300  # unacknowledged messages come back; a job that still runs ignores its copy

CELERY_BROKER_URL = services.celery_url(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": REDIS_PREFIX,
    "visibility_timeout": REDELIVER_AFTER_S,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": REDIS_TIMEOUT_S,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "max_retries": 0,  # of a sender: no page waits for a broker that is away; workers reconnect
}
CELERY_VISIBILITY_TIMEOUT = REDELIVER_AFTER_S
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = REDIS_TIMEOUT_S
CELERY_REDIS_SOCKET_TIMEOUT = REDIS_TIMEOUT_S
CELERY_RESULT_BACKEND = CELERY_BROKER_URL
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {
    "global_keyprefix": REDIS_PREFIX,
    "visibility_timeout": REDELIVER_AFTER_S,
}
CELERY_RESULT_EXPIRES = 3600
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 2

CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TASK_TIME_LIMIT = 3600
CELERY_TASK_SOFT_TIME_LIMIT = 3540
CELERY_TASK_DEFAULT_QUEUE = "interactive"
CELERY_TASK_QUEUES = [  # each with a key of its own: without one they would all be bound to the default's
    Queue(name, Exchange("tasks"), routing_key=name)
    for name in ("interactive", "optimise", "integrate", "operations", "bulk")
]
CELERY_TASK_DEFAULT_EXCHANGE = "tasks"
CELERY_TASK_DEFAULT_ROUTING_KEY = "interactive"
CELERY_TASK_CREATE_MISSING_QUEUES = False

JOBS_KEPT_DAYS = number(env, "JOBS_KEPT_DAYS", default=90)  # finished ones; 0: for ever
CALLS_KEPT_DAYS = number(env, "CALLS_KEPT_DAYS", default=7)  # to other systems; 0: for ever
EVENTS_KEPT_DAYS = number(env, "EVENTS_KEPT_DAYS", default=30)  # delivered ones; 0: for ever
OPERATIONS_KEPT_DAYS = number(env, "OPERATIONS_KEPT_DAYS", default=90)  # ended ones; 0: for ever
CRASH_POINTS_ALLOWED = False  # see `apps.integrations.crash`

CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "wfm.beat:OnceScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
SWEEP_MESSAGE_LIFE_S = 60  # when workers are away their return is not met by a heap of sweeps
CELERY_BEAT_SCHEDULE = {
    "core.dispatch_outbox": {
        "task": "core.dispatch_outbox",
        "schedule": 5.0,
        "options": {"queue": "interactive", "expire_seconds": SWEEP_MESSAGE_LIFE_S},
    },
    "jobs.sweep": {
        "task": "jobs.sweep",
        "schedule": 10.0,
        "options": {"queue": "interactive", "expire_seconds": SWEEP_MESSAGE_LIFE_S},
    },
    "integrations.sweep": {
        "task": "integrations.sweep",
        "schedule": 5.0,
        "options": {"queue": "interactive", "expire_seconds": SWEEP_MESSAGE_LIFE_S},
    },
    "core.keep_partitions": {
        "task": "core.keep_partitions",
        "schedule": 600.0,
        "options": {"queue": "bulk", "expire_seconds": 600},
    },
    "core.prune_repeat_keys": {
        "task": "core.prune_repeat_keys",
        "schedule": crontab(minute=15),
        "options": {"queue": "bulk", "expire_seconds": 3600},
    },
    "jobs.prune": {
        "task": "jobs.prune",
        "schedule": crontab(hour=2, minute=10),
        "options": {"queue": "bulk", "expire_seconds": 3600},
    },
    "integrations.prune_operations": {
        "task": "integrations.prune_operations",
        "schedule": crontab(hour=2, minute=30),
        "options": {"queue": "bulk", "expire_seconds": 3600},
    },
    "integrations.drop_argus_uploads": {
        "task": "integrations.drop_argus_uploads",
        "schedule": crontab(hour=1, minute=40),
        "options": {"queue": "bulk", "expire_seconds": 3600},
    },
    "core.prune_outbox": {
        "task": "core.prune_outbox",
        "schedule": crontab(hour=2, minute=20),
        "options": {"queue": "bulk", "expire_seconds": 3600},
    },
    "integrations.poll_centres": {
        "task": "integrations.poll_centres",
        "schedule": 5.0,
        "options": {"queue": "integrate", "expire_seconds": 5},
    },
    "monitoring.apply_pending": {
        "task": "monitoring.apply_pending",
        "schedule": 5.0,
        "options": {"queue": "integrate", "expire_seconds": 5},
    },
    "monitoring.take_due_history": {
        "task": "monitoring.take_due_history",
        "schedule": 60.0,
        "options": {"queue": "bulk", "expire_seconds": SWEEP_MESSAGE_LIFE_S},
    },
    "monitoring.drop_expired": {
        "task": "monitoring.drop_expired",
        "schedule": crontab(hour=1, minute=50),
        "options": {"queue": "bulk", "expire_seconds": 3600},
    },
    "schedules.sweep_edited": {
        "task": "schedules.sweep_edited",
        "schedule": 30.0,
        "options": {"queue": "bulk", "expire_seconds": SWEEP_MESSAGE_LIFE_S},
    },
    "integrations.look_at_connections": {
        "task": "integrations.look_at_connections",
        "schedule": 60.0,
        "options": {"queue": "integrate", "expire_seconds": SWEEP_MESSAGE_LIFE_S},
    },
    "integrations.prune_calls": {
        "task": "integrations.prune_calls",
        "schedule": crontab(minute=25),
        "options": {"queue": "bulk", "expire_seconds": 3600},
    },
    "integrations.start_due_runs": {
        "task": "integrations.start_due_runs",
        "schedule": 20.0,
        "options": {"queue": "interactive", "expire_seconds": SWEEP_MESSAGE_LIFE_S},
    },
    "organization.close_accounts_of_left": {
        "task": "organization.close_accounts_of_left",
        "schedule": crontab(minute=5),
        "options": {"queue": "bulk", "expire_seconds": 3600},
    },
    "integrations.keep_up_webhooks": {
        "task": "integrations.keep_up_webhooks",
        "schedule": 600.0,
        "options": {"queue": "bulk", "expire_seconds": 600},
    },
    "demand.drop_expired": {
        "task": "demand.drop_expired",
        "schedule": crontab(hour=1, minute=30),
        "options": {"queue": "bulk", "expire_seconds": 3600},
    },
}
