"""Reads of forecasts; points come as arrays, never as a row object per interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from apps.core.copying import read_rows
from apps.core.errors import NotFoundError
from apps.forecasts.choices import VersionState
from apps.forecasts.models import ForecastVersion
from apps.forecasts.types import AccuracyRow, ForecastArrays

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet

_KINDS = {
    "start": "timestamptz",
    "calls": "float8",
    "lower": "float8",
    "upper": "float8",
    "aht_s": "float8",
}
_POINTS = sql.SQL(
    "SELECT start, calls, lower, upper, aht_s FROM forecasts_forecastpoint"
    " WHERE version_id = {version} AND start >= {first} AND start < {end} ORDER BY start"
)


def forecast_points(version_id: int) -> ForecastArrays:
    """Give the points of a version in order of time, or `NotFoundError`. Two queries."""
    version = version_by_id(version_id)
    query = _POINTS.format(
        version=sql.Literal(version.pk), first=sql.Literal(version.start), end=sql.Literal(version.end)
    )
    with connection.cursor() as cursor:
        arrays = read_rows(cursor, query, _KINDS)
    return ForecastArrays(
        starts=arrays["start"],
        step_s=version.step_s,
        calls=arrays["calls"],
        lower=arrays["lower"],
        upper=arrays["upper"],
        aht_s=arrays["aht_s"],
    )


def version_by_id(version_id: int) -> ForecastVersion:
    """Give a version with its queue, or `NotFoundError`."""
    known = ForecastVersion.objects.select_related("queue", "based_on", "origin")
    version = known.filter(pk=version_id).first()
    if version is None:
        raise NotFoundError(_("There is no forecast version %(id)s.") % {"id": version_id})
    return version


def active_version(queue_id: int, start: dt.datetime, end: dt.datetime) -> ForecastVersion | None:
    """Give the active version that holds the whole span, else the first one that touches it."""
    touching = list(
        ForecastVersion.objects.filter(
            queue=queue_id, state=VersionState.ACTIVE, start__lt=end, end__gt=start
        ).order_by("start")
    )
    whole = [version for version in touching if version.start <= start and end <= version.end]
    return next(iter(whole or touching), None)


def active_versions(queue_id: int, start: dt.datetime, end: dt.datetime) -> list[ForecastVersion]:
    """Give the active versions that touch the span, in order of time."""
    active = ForecastVersion.objects.filter(
        queue=queue_id, state=VersionState.ACTIVE, start__lt=end, end__gt=start
    )
    return list(active.select_related("queue").order_by("start"))


def versions_of(queue_id: int) -> QuerySet[ForecastVersion]:
    """Give the versions of a queue, newest first."""
    return ForecastVersion.objects.filter(queue=queue_id).select_related(
        "queue", "created_by", "based_on", "origin"
    )


def accuracy_rows(version: ForecastVersion) -> list[AccuracyRow]:
    """Give the back-test of every model that was compared, best first."""
    facts = version.accuracy
    return [
        AccuracyRow(
            model=row["model"],
            wape=row["wape"],
            mape=row["mape"],
            bias=row["bias"],
            mase=row["mase"],
            is_chosen=row["model"] == version.model,
            coverage=facts.get("coverage") if row["model"] == version.model else None,
        )
        for row in facts.get("models", [])
    ]
