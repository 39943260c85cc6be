"""Settings of a worker that a test starts, with logs as in production."""

from tests.child_settings import *  # noqa: F403 - as every settings module

LOGGING = logging_config(readable=False, level="INFO")  # noqa: F405
