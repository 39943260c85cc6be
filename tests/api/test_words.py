"""What the API answers in Russian is Russian: every sentence of every field that a body is read by."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import override_settings
from django.utils import translation
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.core.web.api import words
from apps.core.web.api.bodies import Body, ModelBody
from tests.factories import make_user

CODE = re.compile(r"\{[^}]*\}|ISO 8601|yyyy|mm|dd|null|true|false|UUID|UTC|U\+|-")
LATIN, CYRILLIC = re.compile(r"[A-Za-z]"), re.compile(r"[а-яё]", re.IGNORECASE)


def bodies(base: Any) -> set[Any]:
    below = set(base.__subclasses__())
    return below | {inner for each in below for inner in bodies(each)}


def sentences(field: Any) -> dict[str, str]:
    told = {str(text): type(field).__name__ for text in getattr(field, "error_messages", {}).values()}
    for inner in (getattr(field, "child", None), getattr(field, "child_relation", None)):
        told |= sentences(inner) if inner is not None else {}
    for inner in getattr(field, "fields", {}).values() if hasattr(field, "fields") else ():
        told |= sentences(inner)
    return told


def test_every_sentence_about_a_field_is_russian() -> None:
    with translation.override("ru"):
        told: dict[str, str] = {}
        for body in bodies(Body) | bodies(ModelBody):
            told |= sentences(body())
        told |= {translation.gettext(text): "words" for text in words.SAID_BY_US}
        foreign = {
            text: where
            for text, where in told.items()
            if not CYRILLIC.search(text) or LATIN.search(CODE.sub("", text))
        }
    assert len(told) > 30
    assert foreign == {}


@pytest.mark.django_db
@override_settings(API_REQUESTS_PER_MINUTE=1)
def test_the_limit_is_told_in_russian() -> None:
    client = APIClient(headers={"Accept-Language": "ru"})
    client.force_authenticate(make_user(Role.ADMIN))
    answers = [client.get("/api/v1/sites/") for _ in range(2)]
    assert answers[1].status_code == 429
    assert not LATIN.search(answers[1].json()["detail"])
