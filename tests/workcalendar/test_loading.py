import datetime as dt
from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.audit.models import AuditEntry
from apps.core.errors import NotAllowedError
from apps.workcalendar.choices import DayKind
from apps.workcalendar.errors import CalendarFileError
from apps.workcalendar.models import CalendarDay, CalendarOverride, CalendarYear
from apps.workcalendar.selectors import day_kinds, norm_table
from apps.workcalendar.services.loading import import_xmlcalendar, load_bundled_calendars
from apps.workcalendar.services.overriding import set_override
from tests.factories import make_user

pytestmark = pytest.mark.django_db

# xmlcalendar says of 1 November 2025 only that it is a working day, not that it is an hour shorter.
XML_2025 = b"""<calendar year="2025"><holidays><holiday id="1" title="NY"/></holidays><days>
<day d="01.01" t="1" h="1"/><day d="01.02" t="1" h="1"/><day d="01.03" t="1" h="1"/>
<day d="01.06" t="1" h="1"/><day d="01.07" t="1" h="1"/><day d="01.08" t="1" h="1"/>
<day d="03.07" t="2"/><day d="04.30" t="2"/>
<day d="05.01" t="1" h="1"/><day d="05.02" t="1" f="01.04"/><day d="05.08" t="1" f="02.23"/>
<day d="05.09" t="1" h="1"/><day d="06.11" t="2"/><day d="06.12" t="1" h="1"/><day d="06.13" t="1" f="03.08"/>
<day d="11.01" t="3"/><day d="11.03" t="1" f="11.01"/><day d="11.04" t="1" h="1"/><day d="12.31" t="1"/>
</days></calendar>"""


def hours(minutes: tuple[Fraction, ...]) -> list[float]:
    return [float(one / 60) for one in minutes]


@pytest.mark.parametrize(
    ("year", "days", "months", "quarters"),
    [
        (
            2024,
            248,
            [136, 159, 159, 168, 159, 151, 184, 176, 168, 184, 167, 168],
            [454, 478, 528, 519],
        ),
        (
            2025,
            247,
            [136, 160, 167, 175, 144, 151, 184, 168, 176, 184, 151, 176],
            [463, 470, 528, 511],
        ),
        (
            2026,
            247,
            [120, 152, 168, 175, 151, 167, 184, 168, 176, 176, 159, 176],
            [440, 493, 528, 511],
        ),
        (
            2027,
            247,
            [120, 151, 176, 175, 152, 167, 176, 176, 176, 168, 159, 176],
            [447, 494, 528, 503],
        ),
    ],
)
def test_bundled_years_give_the_official_norms(
    year: int, days: int, months: list[int], quarters: list[int]
) -> None:
    load_bundled_calendars()
    table = norm_table("ru", year)
    assert table.working_days == days
    assert hours(table.months) == months
    assert hours(table.quarters) == quarters
    assert table.total == {2024: 1979}.get(year, 1972) * 60


def test_reduced_weeks_of_2026() -> None:
    load_bundled_calendars()
    assert norm_table("ru", 2026, 36 * 60).total == Fraction("1774.4") * 60
    assert norm_table("ru", 2026, 24 * 60).total == Fraction("1181.6") * 60


def test_holidays_are_told_from_days_off_by_transfer() -> None:
    load_bundled_calendars()
    days = day_kinds("ru", dt.date(2026, 5, 8), dt.date(2026, 5, 12))
    assert [day.kind for day in days.values()] == ["working", "holiday", "off", "off", "working"]
    assert days[dt.date(2026, 5, 8)].is_short
    assert days[dt.date(2026, 5, 9)].holiday_name == "День Победы"
    moved = CalendarDay.objects.get(date=dt.date(2026, 5, 11))
    assert (moved.kind, moved.moved_from) == (DayKind.OFF, dt.date(2026, 5, 9))


def test_a_saturday_may_be_working_and_short() -> None:
    load_bundled_calendars()
    saturday = day_kinds("ru", dt.date(2025, 11, 1), dt.date(2025, 11, 1))[dt.date(2025, 11, 1)]
    assert (saturday.is_working, saturday.is_short) == (True, True)


def test_every_year_has_the_fourteen_holidays_of_article_112() -> None:
    load_bundled_calendars()
    for year in (2024, 2025, 2026, 2027):
        assert CalendarDay.objects.filter(date__year=year, kind=DayKind.HOLIDAY).count() == 14


def test_loading_twice_changes_nothing() -> None:
    assert [year.year for year in load_bundled_calendars()] == [2024, 2025, 2026, 2027]
    before = list(CalendarDay.objects.order_by("pk").values_list("pk", flat=True))
    entries = AuditEntry.objects.count()
    assert load_bundled_calendars() == []
    assert list(CalendarDay.objects.order_by("pk").values_list("pk", flat=True)) == before
    assert AuditEntry.objects.count() == entries


def test_loading_mends_a_spoilt_year_and_leaves_overrides() -> None:
    load_bundled_calendars()
    CalendarDay.objects.filter(date=dt.date(2026, 1, 1)).delete()
    set_override(
        calendar_code="ru",
        date=dt.date(2026, 7, 15),
        kind=DayKind.OFF,
        is_short=False,
        note="flood",
        actor=None,
    )
    assert [year.year for year in load_bundled_calendars()] == [2026]
    assert CalendarDay.objects.get(date=dt.date(2026, 1, 1)).kind == DayKind.HOLIDAY
    assert CalendarOverride.objects.count() == 1


def test_the_year_of_xmlcalendar_is_an_hour_longer_until_it_is_overridden() -> None:
    admin = make_user(is_superuser=True)
    import_xmlcalendar(calendar_code="ru", content=XML_2025, file_name="calendar.xml", actor=admin)
    assert norm_table("ru", 2025).total == 1973 * 60
    set_override(
        calendar_code="ru",
        date=dt.date(2025, 11, 1),
        kind=DayKind.WORKING,
        is_short=True,
        note="Day before 4 November by decree 1335",
        actor=admin,
    )
    assert norm_table("ru", 2025).total == 1972 * 60


def test_an_imported_year_outlives_the_bundled_one() -> None:
    load_bundled_calendars()
    admin = make_user(is_superuser=True)
    year = import_xmlcalendar(calendar_code="ru", content=XML_2025, file_name="calendar.xml", actor=admin)
    assert year.source == "xmlcalendar: calendar.xml"
    entry = AuditEntry.objects.get(actor=admin)
    assert entry.before is not None
    assert entry.after is not None
    assert entry.before["2025-11-01"] == "working, short"
    assert entry.after["2025-11-01"] == "working"
    assert load_bundled_calendars() == []
    assert norm_table("ru", 2025).total == 1973 * 60


def test_a_region_gets_a_calendar_of_its_own() -> None:
    import_xmlcalendar(
        calendar_code="ru-ta", calendar_name="Татарстан", content=XML_2025, file_name="16.xml", actor=None
    )
    year = CalendarYear.objects.get()
    assert (year.calendar.code, year.calendar.name) == ("ru-ta", "Татарстан")


def test_a_broken_file_leaves_the_year_as_it_was() -> None:
    load_bundled_calendars()
    with pytest.raises(CalendarFileError):
        import_xmlcalendar(
            calendar_code="ru", content=b'<calendar year="2025"><day/>', file_name="x.xml", actor=None
        )
    assert norm_table("ru", 2025).total == 1972 * 60


def test_only_who_edits_master_data_imports_a_calendar() -> None:
    with pytest.raises(NotAllowedError):
        import_xmlcalendar(calendar_code="ru", content=XML_2025, file_name="x.xml", actor=make_user())
    assert not CalendarYear.objects.exists()


def test_the_command_fills_bundled_years_and_files(tmp_path: Path) -> None:
    out = StringIO()
    call_command("load_calendars", stdout=out)
    call_command("load_calendars", stdout=out)
    path = tmp_path / "region.xml"
    path.write_bytes(XML_2025)
    call_command("load_calendars", str(path), "--code", "ru-ta", "--name", "Татарстан", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("Россия, 2024")
    assert lines[4] == "All bundled calendars are filled already."
    assert lines[5] == "Татарстан, 2025: xmlcalendar: region.xml"


def test_the_command_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.xml"
    with pytest.raises(CommandError, match=r"broken\.xml"):
        call_command("load_calendars", str(path))
    path.write_bytes(b"<calendar/>")
    with pytest.raises(CommandError, match=r"broken\.xml"):
        call_command("load_calendars", str(path))
