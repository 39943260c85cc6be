"""Development and the demo: one machine, bundled servers, no secrets to set."""

from wfm.embedded import services
from wfm.settings.base import *
from wfm.settings.reading import log_level

STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise looks there, and finds the files where they lie
WHITENOISE_USE_FINDERS = True
LOGGING = logging_config(readable=True, level=log_level(env, default="WARNING"))
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="") or services.local_secret()
FIELD_KEYS_FILE = env("FIELD_KEYS_FILE", default="") or VAR_DIR / "field-keys"
FIELD_KEYS_MADE = True
WEBHOOK_ALLOWED_TARGETS = env.list("WEBHOOK_ALLOWED_TARGETS", default=["127.0.0.1"])  # a receiver beside us
METRICS_ADDRESSES = env.list("METRICS_ADDRESSES", default=["127.0.0.1", "::1"])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
