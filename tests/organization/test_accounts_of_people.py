"""Accounts of people: made when asked, closed on the day after the last working day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.accounts.policies import roles_on
from apps.audit.models import AuditEntry
from apps.core import clock
from apps.organization.services.personnel.accounts import close_accounts_of_left
from tests.factories import make_employee, make_site, make_user
from tests.organization.test_personnel import TODAY, known, person, take

if TYPE_CHECKING:
    from apps.organization.models import Employee

pytestmark = pytest.mark.django_db
LAST = dt.date(2026, 11, 20)


def leaver(zone: str = "Europe/Moscow", **facts: object) -> Employee:
    return make_employee(user=make_user(**facts), dismissed_on=LAST, site=make_site(time_zone=zone))


@pytest.mark.parametrize(
    ("now", "zone", "is_open"),
    [
        ("2026-11-20T20:59:00Z", "Europe/Moscow", True),  # 23:59 of the last day
        ("2026-11-20T21:00:00Z", "Europe/Moscow", False),
        ("2026-11-20T13:59:00Z", "Asia/Vladivostok", True),
        ("2026-11-20T14:00:00Z", "Asia/Vladivostok", False),
        ("2026-11-20T22:59:00Z", "Europe/Berlin", True),
    ],
)
def test_an_account_closes_at_the_midnight_after_the_last_day(
    monkeypatch: pytest.MonkeyPatch, now: str, zone: str, *, is_open: bool
) -> None:
    left = leaver(zone)
    monkeypatch.setattr(clock, "now", lambda: dt.datetime.fromisoformat(now))
    assert close_accounts_of_left() == int(not is_open)
    left.user.refresh_from_db()
    assert left.user.is_active is is_open
    assert close_accounts_of_left() == 0
    assert AuditEntry.objects.filter(action="user.close").count() == int(not is_open)


def test_keepers_of_the_system_and_people_at_work_keep_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = leaver(is_superuser=True)
    worker = make_employee(user=make_user())
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2026, 12, 1, tzinfo=dt.UTC))
    assert close_accounts_of_left() == 0
    assert User.objects.filter(pk__in=[keeper.user_id, worker.user_id], is_active=True).count() == 2


def test_a_login_is_linked_without_domain_and_case() -> None:
    user = make_user(username="Petrova")
    take(person(login="CORP\\petrova"))
    assert user.employee.external_id == "a-1"
    assert take(known(person(login="CORP\\petrova"))).unchanged == 1


def test_of_two_employments_with_one_login_one_has_the_account() -> None:
    user = make_user(username="petrova")
    people = [person(number, login="petrova") for number in (1, 2)]
    assert take(*people).problems == []
    assert user.employee.external_id == "a-1"
    assert take(*(known(one) for one in people)).unchanged == 2


def test_an_account_is_made_only_when_asked() -> None:
    take(person(1, login="petrova"))
    assert not User.objects.exists()
    take(person(2, login="ivanova"), create_accounts=True)
    user = User.objects.get()
    assert (user.username, user.has_usable_password()) == ("ivanova", False)
    assert roles_on(user, TODAY) == {Role.EMPLOYEE}
    assert user.employee.external_id == "a-2"


def test_somebody_elses_account_is_not_taken() -> None:
    other = make_employee(user=make_user(username="petrova"))
    take(person(login="petrova"))
    other.refresh_from_db()
    assert other.user is not None
