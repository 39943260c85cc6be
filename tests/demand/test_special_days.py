"""Special days: kept by planners, combined additively, on their pages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from django.utils import translation

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError, StaleError
from apps.core.models import OutboxEvent
from apps.demand.models import SpecialDay
from apps.demand.selectors import coefficients, combined_days, special_days_of, told_days
from apps.demand.services.special_days import delete_special_day, save_special_day
from apps.demand.types import SpecialDayFacts
from tests.concurrency import at_once
from tests.factories import make_queue, make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 12, 24)
ONE = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def facts(**more: Any) -> SpecialDayFacts:
    given = {
        "name": "Sale",
        "kind": "event",
        "first_day": DAY,
        "last_day": DAY,
        "coefficient": Decimal("1.25"),
    }
    return SpecialDayFacts(**(given | more))


def keep(**more: Any) -> SpecialDay:
    return save_special_day(facts=facts(**more), actor=None)


def test_coefficients_add_up_as_published() -> None:
    days = [keep(name=value, coefficient=Decimal(value)) for value in ("1.25", "1.35", "2.15")]
    grid = coefficients(days, DAY - ONE, 3, 3600)
    assert grid[0].tolist() == grid[2].tolist() == [1.0] * 24
    assert grid[1] == pytest.approx([2.75] * 24)


def test_hours_of_a_day_and_parts_of_an_interval() -> None:
    rows = [keep(from_minute=90, to_minute=180, coefficient=Decimal(3))]
    assert coefficients(rows, DAY, 1, 3600)[0, :4] == pytest.approx([1, 2, 3, 1])


def test_nothing_falls_below_nought() -> None:
    rows = [keep(name=value, coefficient=Decimal(value)) for value in ("0.3", "0.5")]
    assert np.unique(coefficients(rows, DAY, 1, 3600)).tolist() == [0]


def test_closed_wins_over_everything_that_adds_up() -> None:
    rows = [keep(name="Sale", coefficient=Decimal(3)), keep(name="Advert", coefficient=Decimal("2.15"))]
    closed = keep(name="Closed", coefficient=Decimal(0), from_minute=90, to_minute=600)
    for order in ([*rows, closed], [closed, *rows], [closed, *rows, closed]):
        grid = coefficients(order, DAY, 1, 3600)[0]
        assert grid[:3] == pytest.approx([4.15, 4.15 / 2, 0])
        assert np.unique(grid[2:10]).tolist() == [0]
        assert grid[10:] == pytest.approx([4.15] * 14)


def test_the_same_special_day_twice_is_refused() -> None:
    queue = make_queue()
    row = keep(queue=queue)
    for twin in ({}, {"name": " sale "}, {"coefficient": Decimal(2), "kind": "mailing"}):
        with pytest.raises(ConflictError) as refusal:
            keep(queue=queue, **twin)
        assert list(refusal.value.fields) == ["name"]
    for other in ({"last_day": DAY + ONE}, {"name": "Advert"}, {"to_minute": 60}):
        keep(queue=queue, **other)
    keep()
    save_special_day(facts=facts(queue=queue, note="kept"), special_day_id=row.pk, actor=None)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_make_the_same_at_once_one_is_refused() -> None:
    results = at_once(keep, keep)
    assert sorted(type(result).__name__ for result in results) == ["ConflictError", "SpecialDay"]


def test_the_days_tell_what_they_come_to() -> None:
    queue = make_queue(step_minutes=60)
    keep(name="Sale", last_day=DAY + 2 * ONE, coefficient=Decimal("1.5"))
    keep(name="Advert", first_day=DAY + ONE, last_day=DAY + ONE, coefficient=Decimal(2), from_minute=720)
    found = [
        (row.first_day, row.last_day, row.names, row.low, row.high)
        for row in combined_days(queue, DAY - ONE, DAY + 9 * ONE)
    ]
    last = DAY + 2 * ONE
    assert found == [
        (DAY, DAY, ("Sale",), 1.5, 1.5),
        (DAY + ONE, DAY + ONE, ("Sale", "Advert"), 1.5, 2.5),
        (last, last, ("Sale",), 1.5, 1.5),
    ]


def test_whom_a_special_day_is_for() -> None:
    mine, other = make_queue(calendar_code="ru"), make_queue(calendar_code="by")
    rows = [keep(), keep(calendar_code="ru"), keep(calendar_code="by"), keep(queue=mine), keep(queue=other)]
    assert list(special_days_of(mine, DAY, DAY + ONE)) == [rows[0], rows[1], rows[3]]
    assert list(special_days_of(make_queue(calendar_code=""), DAY, DAY + ONE)) == [rows[0]]
    assert not special_days_of(mine, DAY + ONE, DAY + 9 * ONE).exists()


def test_only_whole_special_days_tell_all_of_their_date() -> None:
    rows = [
        keep(kind="day", last_day=DAY + ONE),
        keep(kind="day", first_day=DAY + 2 * ONE, last_day=DAY + 2 * ONE, to_minute=600),
        keep(),
    ]
    assert told_days(rows, DAY - ONE, DAY + 9 * ONE) == {DAY, DAY + ONE}
    assert told_days(rows, DAY + ONE, DAY + 9 * ONE) == {DAY + ONE}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"last_day": DAY - ONE}, "last_day"),
        ({"last_day": DAY + 400 * ONE}, "last_day"),
        ({"from_minute": 600, "to_minute": 600}, "to_minute"),
        ({"coefficient": Decimal(-1)}, "coefficient"),
        ({"coefficient": Decimal(101)}, "coefficient"),
        ({"kind": "party"}, "kind"),
        ({"calendar_code": "no spaces"}, "calendar_code"),
    ],
)
def test_nonsense_is_refused_by_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        keep(**wrong)
    assert list(refusal.value.fields) == [field]
    with pytest.raises(DomainError):
        keep(queue=make_queue(), calendar_code="ru")
    assert not SpecialDay.objects.exists()


def test_changes_are_audited_announced_and_refused_when_stale() -> None:
    planner = make_user(Role.PLANNER)
    row = save_special_day(facts=facts(), actor=planner)
    changed = save_special_day(
        facts=facts(coefficient=Decimal(2)), special_day_id=row.pk, seen=row.updated_at, actor=planner
    )
    entry = AuditEntry.objects.filter(action="demand.save_special_day").latest("pk")
    assert (entry.before["coefficient"], entry.after["coefficient"]) == (1.25, 2)
    with pytest.raises(StaleError):
        save_special_day(facts=facts(), special_day_id=row.pk, seen=row.updated_at, actor=planner)
    with pytest.raises(StaleError):
        delete_special_day(special_day_id=row.pk, seen=row.updated_at, actor=planner)
    delete_special_day(special_day_id=row.pk, seen=changed.updated_at, actor=planner)
    assert OutboxEvent.objects.filter(type="special_day.changed", data__is_deleted=True).count() == 1
    with pytest.raises(NotFoundError):
        delete_special_day(special_day_id=row.pk, actor=planner)
    with pytest.raises(NotAllowedError):
        save_special_day(facts=facts(), actor=make_user(Role.EMPLOYEE))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_one_at_once_one_is_told() -> None:
    row = keep()

    def change() -> SpecialDay:
        return save_special_day(
            facts=facts(coefficient=Decimal(2)), special_day_id=row.pk, seen=row.updated_at, actor=None
        )

    results = at_once(change, change)
    assert sorted(type(result).__name__ for result in results) == ["SpecialDay", "StaleError"]


class TestPages:
    @pytest.fixture(autouse=True)
    def _planner(self, client: Client) -> None:
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        client.force_login(make_user("planner"))

    def form(self, **more: Any) -> dict[str, Any]:
        return {
            "name": "Sale",
            "kind": "event",
            "first_day": "2099-12-24",
            "last_day": "2099-12-24",
            "coefficient": "1.25",
        } | more

    def test_made_changed_and_deleted(self, client: Client) -> None:
        queue = make_queue(code="calls")
        made = client.post("/special-days/new/", self.form(queue=queue.pk, from_time="09:30"), follow=True)
        assert "Sale is kept." in made.content.decode()
        row = SpecialDay.objects.get()
        assert (row.queue, row.from_minute, row.to_minute) == (queue, 570, 1440)
        page = client.get(f"/special-days/{row.pk}/")
        assert page.context["form"].initial["from_time"] == dt.time(9, 30)
        seen = page.context["form"].initial["seen"]
        changed = client.post(
            f"/special-days/{row.pk}/", self.form(seen=seen, coefficient="0.5"), follow=True
        )
        assert changed.redirect_chain
        stale = client.post(f"/special-days/{row.pk}/", self.form(seen=seen))
        assert (stale.status_code, "Somebody changed" in stale.content.decode()) == (412, True)
        client.post(f"/special-days/{row.pk}/delete/")
        assert not SpecialDay.objects.exists()

    @pytest.mark.parametrize(
        ("more", "status"),
        [
            ({"coefficient": "-1"}, 422),
            ({"last_day": "2099-12-01"}, 400),
            ({"seen": "never"}, 400),
            ({"name": ""}, 422),
            ({"first_day": "0001-01-01", "last_day": "0001-01-01"}, 422),
        ],
    )
    def test_nonsense_is_told_on_the_form(self, client: Client, more: dict[str, str], status: int) -> None:
        answer = client.post("/special-days/new/", self.form(**more))
        assert answer.status_code == status
        assert 'class="errors"' in answer.content.decode() or "notice bad" in answer.content.decode()

    def test_the_list_by_queue_and_the_past(self, client: Client) -> None:
        queue = make_queue(code="calls")
        ahead = dt.date(2099, 1, 1)
        keep(name="For all", first_day=ahead, last_day=ahead)
        keep(name="Other", first_day=ahead, last_day=ahead, queue=make_queue())
        keep(name="Long ago", first_day=dt.date(2020, 1, 1), last_day=dt.date(2020, 1, 1), queue=queue)
        shown = [row.name for row in client.get("/special-days/?queue=calls").context["rows"]]
        assert shown == ["For all"]
        soon = clock.now().date() + dt.timedelta(days=3)
        for name in ("One", "Two"):
            keep(name=name, first_day=soon, last_day=soon, queue=queue, coefficient=Decimal("1.5"))
        assert "2.000" in client.get("/special-days/?queue=calls").content.decode()
        SpecialDay.objects.filter(name__in=["One", "Two"]).delete()
        assert [row.name for row in client.get("/special-days/?queue=calls&all=1").context["rows"]] == [
            "Long ago",
            "For all",
        ]

    def test_a_proposal_fills_the_form(self, client: Client) -> None:
        queue = make_queue(code="calls")
        page = client.get("/special-days/new/?queue=calls&name=Sale&coefficient=0.4&first_day=2099-01-01")
        initial = page.context["form"].initial
        assert (initial["queue"], initial["last_day"]) == (queue.pk, "2099-01-01")

    def test_employees_may_not(self, client: Client) -> None:
        row = keep()
        client.force_login(make_user("employee"))
        for address in ("/special-days/", "/special-days/new/", f"/special-days/{row.pk}/"):
            assert client.get(address).status_code == 403
        client.post(f"/special-days/{row.pk}/delete/")
        assert SpecialDay.objects.count() == 1
