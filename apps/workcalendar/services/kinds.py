"""Load the time codes of form T-13 and the kinds of activity and absence that come with the product.

Source of the codes: form T-13, approved by Goskomstat of Russia on 05.01.2004, No 1 (OKUD 0301008), and the
local codes РВН, МО, КР, НА, О. A smaller `priority` displaces a greater one when several codes meet on a day.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction

from apps.workcalendar.models import AbsenceKind, ActivityKind, TimeCode

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).resolve().parents[1] / "data"
CODE_FLAGS = ("bears_hours", "counts_toward_norm", "reduces_norm")
ABSENCE_FACTS = ("name_ru", "name_en", "time_code", "reduces_norm", "counts_as_absenteeism")
ACTIVITY_FACTS = ("name_ru", "name_en", "abbreviation", "is_paid", "is_productive")


@transaction.atomic
def load_kinds() -> dict[str, int]:
    """Make the bundled codes and kinds exist as the files say; safe to repeat, others are left alone.

    Gives how many rows of each table the files hold.
    """
    codes = [
        TimeCode(
            letter=row["letter"],
            number=row["number"],
            name=row["name"],
            category=row["category"],
            priority=int(row["priority"]),
            **_flags(row, *CODE_FLAGS),
        )
        for row in _rows("time_codes.csv")
    ]
    TimeCode.objects.bulk_create(
        codes,
        update_conflicts=True,
        unique_fields=["letter"],
        update_fields=["number", "name", "category", "priority", *CODE_FLAGS],
    )
    activities = [
        ActivityKind(
            code=row["code"],
            name_ru=row["name_ru"],
            name_en=row["name_en"],
            abbreviation=row["abbreviation"],
            **_flags(row, "is_paid", "is_productive"),
        )
        for row in _rows("activity_kinds.csv")
    ]
    ActivityKind.objects.bulk_create(
        activities, update_conflicts=True, unique_fields=["code"], update_fields=ACTIVITY_FACTS
    )
    absences = _absence_kinds()
    AbsenceKind.objects.bulk_create(
        absences, update_conflicts=True, unique_fields=["code"], update_fields=ABSENCE_FACTS
    )
    return {
        "time_codes": len(codes),
        "activity_kinds": len(activities),
        "absence_kinds": len(absences),
    }


def _absence_kinds() -> list[AbsenceKind]:
    code_ids = dict(TimeCode.objects.values_list("letter", "pk"))
    return [
        AbsenceKind(
            code=row["code"],
            name_ru=row["name_ru"],
            name_en=row["name_en"],
            time_code_id=code_ids[row["time_code"]],
            **_flags(row, "reduces_norm", "counts_as_absenteeism"),
        )
        for row in _rows("absence_kinds.csv")
    ]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _flags(row: dict[str, str], *names: str) -> dict[str, bool]:
    return {name: row[name] == "1" for name in names}
