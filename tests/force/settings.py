"""Settings of the processes that the tests of force start: those of the tests on servers of their own.

`FORCE_QUICK` makes the pace of production faster: what takes half a minute there takes seconds then.
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
FORCE_QUICK = env.bool("FORCE_QUICK")
SWEEPS = {name: CELERY_BEAT_SCHEDULE[name] for name in ("core.dispatch_outbox", "jobs.sweep")}
CELERY_BEAT_SCHEDULE = {
    **{name: sweep | ({"schedule": 1.0} if FORCE_QUICK else {}) for name, sweep in SWEEPS.items()},
    "force.tick": {"task": "force.tick", "schedule": 1.0, "options": {"queue": "interactive"}},
}
