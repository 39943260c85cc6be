"""Settings of the processes that the tests of force start: those of the tests on servers of their own.

The pace is that of production made faster, so that what takes half a minute there takes seconds here.
"""

from wfm.settings.test import *

FORCE_FOLDER = env("FORCE_FOLDER")
INSTALLED_APPS = [*INSTALLED_APPS, "tests.force.apps.ForceConfig"]
ROOT_URLCONF = "tests.force.urls"
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": "wfm",
    "USER": "wfm",
    "HOST": env("FORCE_DATABASE_HOST"),
}
DATABASES["default"]["OPTIONS"].pop("options")  # a commit waits for the disk: these servers are killed
CELERY_BEAT_SCHEDULE = {
    "core.dispatch_outbox": {
        "task": "core.dispatch_outbox",
        "schedule": 1.0,
        "options": {"queue": "interactive", "expire_seconds": 10},
    },
    "jobs.sweep": {
        "task": "jobs.sweep",
        "schedule": 1.0,
        "options": {"queue": "interactive", "expire_seconds": 10},
    },
    "force.tick": {"task": "force.tick", "schedule": 1.0, "options": {"queue": "interactive"}},
}
