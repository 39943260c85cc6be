from __future__ import annotations

from django.utils import translation

from apps.core.phrases import Phrase

MONTH = Phrase("Schedule of %(group)s for %(month)s", {"group": "Cards", "month": "01.2027"})


def test_a_phrase_is_said_in_the_language_of_its_reader() -> None:
    with translation.override("en"):
        assert str(MONTH) == "Schedule of Cards for 01.2027"
    with translation.override("ru"):
        assert str(MONTH) == "График группы «Cards» на 01.2027"


def test_a_phrase_inside_a_phrase_survives_the_database() -> None:
    outer = Phrase("%(queue)s: %(phase)s", {"queue": "100 %", "phase": Phrase("improving")})
    kept = Phrase.from_json(outer.as_json())
    assert kept == outer
    with translation.override("en"):
        assert str(kept) == "100 %: improving"


def test_plain_text_is_never_translated_or_filled() -> None:
    with translation.override("ru"):
        assert str(Phrase.plain("Storing 5 %(x)s")) == "Storing 5 %(x)s"
    assert not str(Phrase())
