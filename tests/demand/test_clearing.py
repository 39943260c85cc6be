from __future__ import annotations

import pytest
from django.db import transaction

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.core import locks
from apps.core.errors import ConflictError, NotAllowedError, NotFoundError
from apps.core.locks import advisory_lock
from apps.demand.models import ImportBatch, IntervalHistory
from apps.demand.services.clearing import clear_history
from apps.demand.services.loading import HISTORY_LOCK
from tests.concurrency import at_once
from tests.demand.files import load
from tests.factories.accounts import make_user
from tests.factories.organization import make_queue

FILE = "start;calls\n03.03.2025 07:00;120\n03.03.2025 07:15;99\n"


@pytest.mark.django_db
def test_the_history_of_one_queue_goes_and_its_imports_stay() -> None:
    cleared, kept = make_queue(), make_queue()
    load(cleared, FILE)
    load(kept, FILE)
    planner = make_user(Role.PLANNER)
    assert clear_history(queue_id=cleared.pk, actor=planner) == 2
    assert set(IntervalHistory.objects.values_list("queue_id", flat=True)) == {kept.pk}
    assert ImportBatch.objects.filter(queue=cleared).exists()
    entry = AuditEntry.objects.get(action="demand.clear_history")
    assert (entry.object_id, entry.actor_id, entry.before["rows"]) == (str(cleared.pk), planner.pk, 2)
    assert entry.before["first_start"] == "2025-03-03T04:00:00+00:00"
    assert load(cleared, FILE).rows_loaded == 2, "the same file loads again"


@pytest.mark.django_db
def test_where_nothing_is_held_nothing_is_recorded() -> None:
    assert clear_history(queue_id=make_queue().pk, actor=None) == 0
    assert not AuditEntry.objects.filter(action="demand.clear_history").exists()


@pytest.mark.django_db
def test_only_who_may_import_may_clear() -> None:
    queue = make_queue()
    load(queue, FILE)
    with pytest.raises(NotAllowedError):
        clear_history(queue_id=queue.pk, actor=make_user(Role.EMPLOYEE))
    with pytest.raises(NotFoundError):
        clear_history(queue_id=10**6, actor=None)
    assert IntervalHistory.objects.filter(queue=queue).count() == 2


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_an_import_of_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LOCK_TIMEOUT_S", 1)
    queue = make_queue()
    load(queue, FILE)
    with transaction.atomic():
        advisory_lock(HISTORY_LOCK.format(queue.pk))
        (outcome,) = at_once(lambda: clear_history(queue_id=queue.pk, actor=None))
    assert isinstance(outcome, ConflictError)
    assert IntervalHistory.objects.filter(queue=queue).count() == 2
