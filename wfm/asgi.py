"""The door for web servers."""

import multiprocessing
import os
import signal
import warnings

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from apps.core.processes import ask_to_die_with_parent, set_start_aside
from wfm.embedded import services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.prod")

# WhiteNoise hands Django plain iterators of small files; that they are read whole first is what we want.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators", Warning)

if multiprocessing.parent_process() is not None:  # one of several that uvicorn runs
    ask_to_die_with_parent(signal.SIGTERM)

services.start()
application = get_asgi_application()
get_resolver().url_patterns  # noqa: B018 - imports every view now, and not while the first visitor waits
set_start_aside()
