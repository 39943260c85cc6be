"""Settings of the processes of the fault runs: those of the tests, on servers of their own or on the test's.

`FAULTS_PACE` makes leases, pauses and sweeps so many times shorter than in production.
"""

from wfm.settings.test import *

FAULTS_PACE = env.float("FAULTS_PACE", default=1.0)
INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.faults.apps.FaultsConfig"]
if env("FAULTS_DATABASE_HOST", default=""):
    DATABASES["default"] |= {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "wfm",
        "USER": "wfm",
        "HOST": env("FAULTS_DATABASE_HOST"),
    }
    DATABASES["default"]["OPTIONS"].pop("options")  # a commit waits for the disk: these servers are killed
else:
    DATABASES["default"]["NAME"] = env("TEST_DATABASE_NAME")
SWEEPS = ("core.dispatch_outbox", "jobs.sweep", "integrations.sweep")
CELERY_BEAT_SCHEDULE = {
    name: {
        **CELERY_BEAT_SCHEDULE[name],
        "schedule": max(1.0, CELERY_BEAT_SCHEDULE[name]["schedule"] / FAULTS_PACE),
    }
    for name in SWEEPS
}
