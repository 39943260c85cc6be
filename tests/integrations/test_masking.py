"""What may be kept of requests and answers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.wire.masking import mask, masked

SECRET_FIELDS = ["lastname", "firstname", "Login", "login_sso", "password", "access_token", "phone"]


@given(st.sampled_from(SECRET_FIELDS), st.text(min_size=4, alphabet=st.characters(exclude_categories=["C"])))
def test_no_value_under_a_telling_name_is_left_wherever_the_text_is_cut(name: str, value: str) -> None:
    value = f"planted{value}"
    text = json.dumps({"agentId": "7", name: value, "rate": 1}, ensure_ascii=False)
    for cut in range(len(text) + 1):
        assert "planted" not in mask(text[:cut])
    assert '"rate": 1' in mask(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"phone": 79161234567, "rate": 0.5}', '{"phone": "***", "rate": 0.5}'),
        ('{"Lastname":null,"tabN":"10-000"}', '{"Lastname":"***","tabN":"10-000"}'),
        ('{"emails": 1, "email": ["a@b.c", "d@e.f"], "x": 2}', '{"emails": 1, "email": "***", "x": 2}'),
        ("grant=1&password=p%20w&x=2", "grant=1&password=***&x=2"),
        ("Authorization: Bearer abcdef.123", "Authorization: Bearer ***"),
        ("see https://user:pw@host/x", "see https://***@host/x"),
        ("call +7 (916) 123-45-67 now", "call *** now"),
        ('{"normHours": 1970, "message": "Нет графика"}', '{"normHours": 1970, "message": "Нет графика"}'),
    ],
)
def test_each_kind(text: str, kept: str) -> None:
    assert mask(text) == kept


def test_any_bytes_become_text_that_can_be_stored() -> None:
    assert masked('{"lastname": "Зимина'.encode("cp1251")) == '{"lastname": "***"'
    assert masked("Ошибка".encode()[:-1]) == "Ошибк"
    assert masked(b"\x00\xff") == "я"
