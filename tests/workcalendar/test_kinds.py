import pytest

from apps.workcalendar.models import AbsenceKind, ActivityKind, TimeCode
from apps.workcalendar.services.kinds import load_kinds

pytestmark = pytest.mark.django_db


def test_the_form_has_36_numbered_codes_and_our_five_local_ones() -> None:
    load_kinds()
    numbers = TimeCode.objects.exclude(number="").values_list("number", flat=True)
    assert list(numbers) == [f"{number:02d}" for number in range(1, 37)]
    assert set(TimeCode.objects.filter(number="").values_list("letter", flat=True)) == {
        "РВН",
        "МО",
        "КР",
        "НА",
        "О",
    }


@pytest.mark.parametrize(
    ("letter", "number", "bears_hours", "counts", "reduces"),
    [
        ("Я", "01", True, True, False),
        ("Н", "02", True, True, False),
        ("РВ", "03", True, False, False),
        ("С", "04", True, False, False),
        ("ОТ", "09", False, False, True),
        ("Б", "19", False, False, True),
        ("ПР", "24", True, False, False),
        ("В", "26", False, False, False),
        ("НН", "30", True, False, False),
    ],
)
def test_codes_know_their_hours_and_their_norm(
    letter: str,
    number: str,
    bears_hours: bool,
    counts: bool,
    reduces: bool,
) -> None:
    load_kinds()
    code = TimeCode.objects.get(letter=letter)
    assert code.number == number
    assert (code.bears_hours, code.counts_toward_norm, code.reduces_norm) == (bears_hours, counts, reduces)


def test_sick_leave_displaces_truancy() -> None:
    load_kinds()
    assert TimeCode.objects.get(letter="Б").priority < TimeCode.objects.get(letter="ПР").priority


def test_kinds_of_activity_and_absence() -> None:
    load_kinds()
    assert set(ActivityKind.objects.values_list("code", "is_paid", "is_productive")) == {
        ("work", True, True),
        ("lunch", False, False),
        ("break", True, False),
    }
    assert set(AbsenceKind.objects.values_list("code", "time_code__letter")) == {
        ("vacation", "ОТ"),
        ("sick", "Б"),
        ("unpaid", "ДО"),
        ("training", "ПК"),
    }


def test_loading_again_mends_rows_and_leaves_others_alone() -> None:
    load_kinds()
    TimeCode.objects.filter(letter="Я").update(name="?")
    TimeCode.objects.create(letter="ЯЯ", name="Own", category="work")
    ids = set(TimeCode.objects.values_list("pk", flat=True))
    assert load_kinds() == {"time_codes": 41, "activity_kinds": 3, "absence_kinds": 4}
    assert TimeCode.objects.get(letter="Я").name == "Работа в дневное время"
    assert set(TimeCode.objects.values_list("pk", flat=True)) == ids
