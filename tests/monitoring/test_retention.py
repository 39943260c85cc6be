"""What contact centres told is kept for some months, and then dropped by the month."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.db import connection, transaction

from apps.audit.models import AuditEntry
from apps.core.partitions import ensure_months, partitioned_models
from apps.monitoring import types
from apps.monitoring.models import (
    AgentContact,
    AgentEvent,
    AgentLogin,
    AgentStateInterval,
    ChatWork,
    GroupInterval,
    QueueSnapshot,
)
from apps.monitoring.services import intake
from apps.monitoring.services.intake import Transport
from apps.monitoring.services.retention import drop_expired
from tests.concurrency import at_once

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

NOW = dt.datetime(2026, 3, 15, 12, tzinfo=dt.UTC)
OLD, KEPT = dt.datetime(2025, 12, 31, 9, tzinfo=dt.UTC), dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
BY_MONTH = (AgentContact, AgentEvent, AgentLogin, AgentStateInterval, GroupInterval, QueueSnapshot)


def tell(moment: dt.datetime) -> None:
    """Let a centre tell of everything there is, of one moment."""
    intake.receive_spans("centre", [types.StateSpan("7", "talk", "Talk", moment, moment + HOUR)])
    intake.receive_logins("centre", [types.AgentLogin("7", moment, moment + HOUR)])
    intake.receive_contacts("centre", [types.AgentContact("7", "sales", "all", moment, moment + HOUR)])
    intake.receive_chat_work("centre", [types.ChatWork("7", moment.date(), 1_000)])
    load = types.QueueLoad("sales", "all", waiting=1, operators=1)
    intake.receive_loads("centre", [load], at=moment, transport=Transport.POLL)
    interval = types.GroupInterval(
        "sales", "all", moment, moment + HOUR, received=1, treated=1, missed=0, aht_ms=1, wrap_ms=0
    )
    intake.receive_group_intervals("centre", [interval])


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_months_beyond_those_kept_are_dropped_of_every_table(settings: SettingsWrapper) -> None:
    settings.MONITORING_KEPT_MONTHS = 2
    assert set(BY_MONTH) == {model for model in partitioned_models() if model._meta.app_label == "monitoring"}
    tell(OLD)
    tell(KEPT)
    dropped = drop_expired()
    assert dropped == [f"{model._meta.db_table}_2025_12" for model in sorted_by_table()]
    for model in BY_MONTH:
        assert [row.start for row in model.objects.all()] == [KEPT], model
    assert [row.day for row in ChatWork.objects.all()] == [KEPT.date()]
    entries = AuditEntry.objects.filter(action="monitoring.dropped").values_list("object_id", flat=True)
    assert sorted(entries) == dropped
    assert drop_expired() == []
    tell(OLD)  # told again, it comes back for a day


def sorted_by_table() -> list[type]:
    return sorted(BY_MONTH, key=lambda model: model._meta.db_table)


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_nothing_is_dropped_where_everything_is_to_be_kept(settings: SettingsWrapper) -> None:
    settings.MONITORING_KEPT_MONTHS = 0
    tell(OLD)
    assert drop_expired() == []
    assert AgentEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@time_machine.travel(NOW, tick=False)
def test_a_table_in_use_is_left_for_the_next_night(
    settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MONITORING_KEPT_MONTHS = 2
    monkeypatch.setattr("apps.core.partitions.LOCK_WAIT_S", 0.1)
    with transaction.atomic():
        ensure_months(QueueSnapshot, OLD, OLD)
        ensure_months(GroupInterval, OLD, OLD)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM monitoring_queuesnapshot")
        (dropped,) = at_once(drop_expired)
    assert dropped == ["monitoring_groupinterval_2025_12"]
    assert drop_expired() == ["monitoring_queuesnapshot_2025_12"]
