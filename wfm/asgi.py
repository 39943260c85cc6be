"""The door for web servers."""

import os

from django.core.asgi import get_asgi_application

from wfm.embedded import services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.prod")

services.start()
application = get_asgi_application()
