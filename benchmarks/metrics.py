"""What counting costs a request, and what a scrape costs the installation."""

from __future__ import annotations

import os
import time

ROUNDS = 200_000
ROUTES = 150
SCRAPES = 20


def main(_argv: list[str]) -> int:
    """Print microseconds per counted request, and milliseconds per scrape with a full set of routes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.dev")
    import django  # noqa: PLC0415 - after the settings are named

    django.setup()
    from django.test import Client  # noqa: PLC0415 - needs the settings

    from apps.core.metrics import count_request, flush  # noqa: PLC0415
    from apps.core.metrics.sources import forget  # noqa: PLC0415

    routes = [f"bench:route-{number}" for number in range(ROUTES)]
    started = time.perf_counter()
    for number in range(ROUNDS):
        count_request(routes[number % ROUTES], "GET", 200, 0.02)
    print(f"counting a request: {(time.perf_counter() - started) / ROUNDS * 1e6:.1f} us")
    started = time.perf_counter()
    flush()
    print(f"sharing {ROUTES} routes: {(time.perf_counter() - started) * 1e3:.1f} ms, in a thread, every 5 s")
    client = Client()
    client.get("/metrics")
    took = []
    for _scrape in range(SCRAPES):
        forget()
        started = time.perf_counter()
        body = client.get("/metrics").content
        took.append(time.perf_counter() - started)
    print(f"a scrape of {len(body) / 1024:.0f} KiB: {sorted(took)[SCRAPES // 2] * 1e3:.0f} ms")
    return 0
