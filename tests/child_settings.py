"""Settings of processes that a test starts: those of the test, and its database."""

from wfm.settings.test import *

DATABASES["default"]["NAME"] = env("TEST_DATABASE_NAME")
