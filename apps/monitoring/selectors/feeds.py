"""How old is what a source told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Max

from apps.core import clock
from apps.monitoring.models import Feed
from apps.monitoring.types import FeedAge

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

STALE_AFTER_S = 300


def feed_ages(sources: Iterable[str] | None = None) -> list[FeedAge]:
    """Give the age of every feed by source and transport; beyond five minutes it is stale."""
    now = clock.now()
    feeds = Feed.objects.select_related("source").order_by("source__code", "transport")
    if sources is not None:
        feeds = feeds.filter(source__code__in=list(sources))
    ages = []
    for feed in feeds:
        age_s = None if feed.heard_at is None else max((now - feed.heard_at).total_seconds(), 0.0)
        ages.append(
            FeedAge(
                feed.source.code,
                feed.transport,
                feed.state,
                feed.state_since,
                feed.heard_at,
                age_s,
                age_s is None or age_s > STALE_AFTER_S,
                feed.source.clock_offset_ms / 1000,
            )
        )
    return ages


def newest_data(sources: Iterable[str]) -> dict[str, dt.datetime]:
    """Give when each source was last heard of, by whatever transport."""
    newest = (
        Feed.objects.filter(source__code__in=list(sources), heard_at__isnull=False)
        .values_list("source__code")
        .annotate(Max("heard_at"))
    )
    return dict(newest)


def next_turns(sources: Iterable[str], transport: str) -> dict[str, dt.datetime]:
    """Give from when on each source may be asked again."""
    feeds = Feed.objects.filter(source__code__in=list(sources), transport=transport, next_at__isnull=False)
    return {code: at for code, at in feeds.values_list("source__code", "next_at") if at is not None}
