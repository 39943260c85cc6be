"""Tests: as production, with cheap passwords, and with the development machine's keys in Redis left alone."""

import os

os.environ.setdefault("REDIS_PREFIX", "wfm-test:")

from wfm.settings.base import *  # after the prefix, which is read there

SECRET_KEY = "tests-only"
ALLOWED_HOSTS = ["*"]
FIELD_KEYS_FILE = VAR_DIR / "field-keys"
FIELD_KEYS_MADE = True
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
LOGGING = logging_config(readable=True, level="WARNING")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A commit need not wait for the disk: no test crashes the server of this database.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"
CRASH_POINTS_ALLOWED = True
