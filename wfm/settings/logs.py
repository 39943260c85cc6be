"""Structured logs: one event per line, JSON in production, readable in development, with the request's id."""

from typing import Any

import structlog

from apps.core.redaction import hide_secrets

TIMESTAMP = structlog.processors.TimeStamper(fmt="iso", utc=True)
SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    TIMESTAMP,
]
# Without the local variables of the frames: passwords and personal data would be among them.
TRACEBACK_AS_DICT = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # it believes any X-Forwarded-For; ours is `address`
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True


def logging_config(*, readable: bool, level: str) -> dict[str, Any]:
    """Give Django's `LOGGING`: everything to standard error through structlog."""
    renderer = (
        [
            structlog.processors.format_exc_info,  # text, that secrets in it are found
            hide_secrets,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
        if readable
        else [TRACEBACK_AS_DICT, hide_secrets, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
                "foreign_pre_chain": [*SHARED_PROCESSORS, structlog.stdlib.ExtraAdder()],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "django_structlog": {"level": level},
            "celery.app.trace": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
        },
    }


structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        *SHARED_PROCESSORS[1:],
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
