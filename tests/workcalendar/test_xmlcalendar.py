import datetime as dt

import pytest

from apps.workcalendar.errors import CalendarFileError
from apps.workcalendar.services.xmlcalendar import MAX_BYTES, parse_xmlcalendar
from apps.workcalendar.types import SpecialDay, SpecialYear


def document(days: str, *, head: str = '<?xml version="1.0" encoding="UTF-8"?>', year: str = "2025") -> bytes:
    holidays = '<holidays><holiday id="1" title="День России"/></holidays>'
    return (
        f'{head}\n<calendar year="{year}" lang="ru">\n{holidays}\n<days>\n{days}\n</days></calendar>'.encode()
    )


def test_every_kind_of_day() -> None:
    days = """<day d="11.01" t="3"/>
        <day d="06.12" t="1" h="1"/><day d="06.11" t="2"/><day d="06.13" t="1" f="03.08"/>"""
    assert parse_xmlcalendar(document(days)) == SpecialYear(
        2025,
        (
            SpecialDay(dt.date(2025, 6, 11), "working", is_short=True),
            SpecialDay(dt.date(2025, 6, 12), "holiday", holiday_name="День России"),
            SpecialDay(dt.date(2025, 6, 13), "off", moved_from=dt.date(2025, 3, 8)),
            SpecialDay(dt.date(2025, 11, 1), "working"),
        ),
    )


def test_a_repeated_day_that_says_the_same_is_one_day() -> None:
    assert len(parse_xmlcalendar(document('<day d="12.31" t="1"/><day d="12.31" t="1"/>')).days) == 1


def test_other_encodings_are_read_as_the_file_declares_them() -> None:
    head = '<?xml version="1.0" encoding="windows-1251"?>'
    content = document('<day d="06.12" t="1" h="1"/>', head=head).decode().encode("cp1251")
    assert parse_xmlcalendar(content).days[0].holiday_name == "День России"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "XML"),
        (b"not xml at all", "1"),
        (b"<calendar year='2025'><days>", "XML"),
        (b"<other/>", "calendar"),
        (b'<?xml version="1.0" encoding="UTF-7"?><calendar/>', "."),
        (document("", year="20x5"), "20x5"),
        (document("", year="0"), "0"),
        (document('<day d="02.30" t="1"/>'), "02.30"),
        (document('<day d="0230" t="1"/>'), "0230"),
        (document('<day t="1"/>'), "5"),
        (document('<day d="02.20" t="9"/>'), "9"),
        (document('<day d="02.20" t="1" h="7"/>'), "7"),
        (document('<day d="02.20" t="1" f="99.99"/>'), "99.99"),
        (document('<day d="02.20" t="1"/><day d="02.20" t="2"/>'), "2025-02-20"),
        (b" " * (MAX_BYTES + 1), "256"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused_with_its_line(content: bytes, words: str) -> None:
    with pytest.raises(CalendarFileError) as refused:
        parse_xmlcalendar(content)
    assert words in refused.value.message


def test_the_message_names_the_line() -> None:
    with pytest.raises(CalendarFileError) as refused:
        parse_xmlcalendar(document('<day d="02.20" t="1"/>\n<day d="02.21" t="x"/>'))
    assert "6" in refused.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_never_expanded(encoding: str) -> None:
    bomb = f"""<?xml version="1.0" encoding="{encoding}"?>
    <!DOCTYPE calendar [<!ENTITY a "ha"><!ENTITY b "{"&a;" * 1000}">]>
    <calendar year="2025">&b;</calendar>"""
    with pytest.raises(CalendarFileError) as refused:
        parse_xmlcalendar(bomb.encode(encoding))
    assert "2" in refused.value.message


def test_external_entities_are_refused() -> None:
    content = b'<!DOCTYPE c SYSTEM "file:///etc/passwd"><calendar year="2025"/>'
    with pytest.raises(CalendarFileError):
        parse_xmlcalendar(content)
