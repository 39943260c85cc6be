"""Development and the demo: one machine, bundled servers, no secrets to set."""

from wfm.embedded import services
from wfm.settings.base import *

DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = env("SECRET_KEY", default="") or services.local_secret()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
