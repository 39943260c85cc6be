"""The door for web servers."""

import os
import warnings

from django.core.asgi import get_asgi_application

from wfm.embedded import services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.prod")

# WhiteNoise hands Django plain iterators of small files; that they are read whole first is what we want.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators", Warning)

services.start()
application = get_asgi_application()
