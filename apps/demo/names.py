"""Common Russian names for people who do not exist."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

LISTS = Path(__file__).resolve().parent / "lists"


def _read(name: str) -> list[str]:
    return (LISTS / f"{name}.txt").read_text(encoding="utf-8").split()


LAST_NAMES = _read("last_names")  # of men
MALE_NAMES = _read("male_names")
FEMALE_NAMES = _read("female_names")
FATHERS = _read("fathers")  # stems of patronymics: + ич / + на, save those in IRREGULAR
IRREGULAR = {
    "Ильи": ("Ильич", "Ильинична"),
    "Никит": ("Никитич", "Никитична"),
    "Кузьми": ("Кузьмич", "Кузьминична"),
}
_FEMALE_ENDINGS = (
    ("ский", "ская"),
    ("цкий", "цкая"),
    ("ов", "ова"),
    ("ев", "ева"),
    ("ёв", "ёва"),
    ("ин", "ина"),
)


def full_name(rng: np.random.Generator, *, is_woman: bool) -> tuple[str, str, str]:
    """Draw last name, first name and patronymic that agree in gender."""
    last = LAST_NAMES[rng.integers(len(LAST_NAMES))]
    first_names = FEMALE_NAMES if is_woman else MALE_NAMES
    first = first_names[rng.integers(len(first_names))]
    father = FATHERS[rng.integers(len(FATHERS))]
    return (feminine(last) if is_woman else last), first, patronymic(father, is_woman=is_woman)


def feminine(last_name: str) -> str:
    """Give the form of a last name for a woman; names in -ко and -ук do not change."""
    for ending, changed in _FEMALE_ENDINGS:
        if last_name.endswith(ending):
            return last_name.removesuffix(ending) + changed
    return last_name


def patronymic(father: str, *, is_woman: bool) -> str:
    """Give the patronymic by the stem of the father's name: Петров -> Петрович, Петровна."""
    masculine, female = IRREGULAR.get(father, (f"{father}ич", f"{father}на"))
    return female if is_woman else masculine
