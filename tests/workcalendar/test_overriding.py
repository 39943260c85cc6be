import datetime as dt

import pytest

from apps.audit.models import AuditEntry
from apps.core.errors import DomainError, NotAllowedError, NotFoundError
from apps.workcalendar.choices import DayKind
from apps.workcalendar.errors import CalendarMissingError
from apps.workcalendar.models import CalendarOverride
from apps.workcalendar.selectors import day_kinds, holidays, norm_table
from apps.workcalendar.services.overriding import remove_override, set_override
from tests.factories import make_calendar, make_user

pytestmark = pytest.mark.django_db
WEDNESDAY = dt.date(2026, 7, 15)


def override(**facts: object) -> CalendarOverride:
    values: dict[str, object] = {
        "calendar_code": "ru",
        "date": WEDNESDAY,
        "kind": DayKind.OFF,
        "is_short": False,
        "note": "local holiday",
        "actor": None,
    }
    return set_override(**(values | facts))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _plain_year() -> None:
    make_calendar("ru", years=(2026,))


def test_an_override_wins_over_the_calendar_with_its_note() -> None:
    before = norm_table("ru", 2026).total
    override()
    day = day_kinds("ru", WEDNESDAY, WEDNESDAY)[WEDNESDAY]
    assert (day.kind, day.note) == ("off", "local holiday")
    assert norm_table("ru", 2026).total == before - 480


def test_a_weekend_made_a_short_working_day() -> None:
    saturday = dt.date(2026, 7, 18)
    before = norm_table("ru", 2026).total
    override(date=saturday, kind=DayKind.WORKING, is_short=True)
    assert norm_table("ru", 2026).total == before + 420


def test_a_second_override_replaces_the_first_and_both_are_in_the_audit() -> None:
    admin = make_user(is_superuser=True)
    override(actor=admin)
    override(actor=admin, kind=DayKind.HOLIDAY, note="by decree of the region")
    stored = CalendarOverride.objects.get()
    assert (stored.kind, stored.created_by) == (DayKind.HOLIDAY, admin)
    assert [day.date for day in holidays("ru", WEDNESDAY, WEDNESDAY)] == [WEDNESDAY]
    latest = AuditEntry.objects.filter(action="calendar.overridden", actor=admin).first()
    assert latest is not None
    assert latest.before is not None
    assert latest.after is not None
    assert latest.before["note"] == "local holiday"
    assert latest.after["note"] == "by decree of the region"


def test_a_removed_override_gives_the_day_back() -> None:
    stored = override()
    remove_override(override_id=stored.pk, actor=None)
    assert day_kinds("ru", WEDNESDAY, WEDNESDAY)[WEDNESDAY].kind == "working"
    entry = AuditEntry.objects.get(action="calendar.override_removed")
    assert entry.before == {"date": "2026-07-15", "kind": "off", "is_short": False, "note": "local holiday"}
    with pytest.raises(NotFoundError):
        remove_override(override_id=stored.pk, actor=None)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"note": "   "}, "note"),
        ({"note": "x" * 301}, "note"),
        ({"is_short": True}, "is_short"),
    ],
)
def test_an_override_without_reason_or_sense_is_refused(facts: dict[str, object], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        override(**facts)
    assert list(refused.value.fields) == [field]
    assert not CalendarOverride.objects.exists()


def test_a_year_that_is_not_filled_cannot_be_overridden() -> None:
    with pytest.raises(CalendarMissingError, match="2031"):
        override(date=dt.date(2031, 1, 9))


def test_only_who_edits_master_data_overrides() -> None:
    person = make_user()
    with pytest.raises(NotAllowedError):
        override(actor=person)
    stored = override()
    with pytest.raises(NotAllowedError):
        remove_override(override_id=stored.pk, actor=person)
