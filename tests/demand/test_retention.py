from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import time_machine

from apps.audit.models import AuditEntry
from apps.core.partitions import ensure_months
from apps.demand.models import IntervalHistory
from apps.demand.services.retention import drop_expired_history
from tests.factories.demand import make_history
from tests.factories.organization import make_queue

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2025, 3, 15, 12, tzinfo=dt.UTC)


def months_held() -> list[str]:
    rows = IntervalHistory.objects.order_by("start").values_list("start", flat=True)
    return [f"{start:%Y-%m}" for start in rows]


@pytest.fixture
def history() -> None:
    """Make an interval at the beginning of each of five months."""
    queue = make_queue()
    for year, month in ((2024, 11), (2024, 12), (2025, 1), (2025, 2), (2025, 3)):
        make_history(queue, dt.datetime(year, month, 1, tzinfo=dt.UTC), [1])


@time_machine.travel(NOW, tick=False)
@pytest.mark.usefixtures("history")
def test_months_beyond_those_kept_are_dropped(settings: SettingsWrapper) -> None:
    settings.HISTORY_KEPT_MONTHS = 2
    assert drop_expired_history() == ["demand_intervalhistory_2024_11", "demand_intervalhistory_2024_12"]
    assert months_held() == ["2025-01", "2025-02", "2025-03"], "two whole months and the running one"
    assert drop_expired_history() == []
    entries = AuditEntry.objects.filter(action="history.dropped").order_by("pk")
    assert [(entry.object_type, entry.object_id, entry.after) for entry in entries] == [
        ("demand.intervalhistory", "demand_intervalhistory_2024_11", {"kept_months": 2}),
        ("demand.intervalhistory", "demand_intervalhistory_2024_12", {"kept_months": 2}),
    ]
    made = ensure_months(IntervalHistory, dt.datetime(2024, 12, 1, tzinfo=dt.UTC), NOW)
    assert made == ["demand_intervalhistory_2024_12"], "a month can come back"


@time_machine.travel(NOW, tick=False)
@pytest.mark.usefixtures("history")
def test_everything_is_kept_unless_told_otherwise(settings: SettingsWrapper) -> None:
    assert settings.HISTORY_KEPT_MONTHS == 0
    assert drop_expired_history() == []
    assert len(months_held()) == 5
