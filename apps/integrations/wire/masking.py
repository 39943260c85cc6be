"""What of requests and answers may be kept: values under the names of credentials and of people's data go.

Works on text, so that it also holds for what is cut in the middle or is no JSON at all.
"""

from __future__ import annotations

import re

HIDDEN = "***"
SHOWN_CHARACTERS = 4096
CREDENTIALS = (
    "pass(?:word|wd|phrase)?|secret|token|authorization|cookie|credentials?|signature|api_?key|private_?key"
    "|access_?token|refresh_?token|client_?secret|old_?secret"
)
PEOPLE = (
    "last_?name|first_?name|second_?name|middle_?name|patronymic|full_?name|display_?name|user_?name|surname"
    "|fio|fam|name_?sso|login(?:_?sso)?|e_?mail|mail|tel|phones?(?:_?number)?|mobile|msisdn|ani|cli|caller(?:_?id)?"
    "|birth_?da(?:y|te)|passport|snils|inn|initiator_?name|agent_?name|employee_?name|operator_?name|worker_?name"
    "|фио|фамилия|имя|отчество|телефон|логин|почта"
)
NAMES = rf"(?:{CREDENTIALS}|{PEOPLE})"
STRING = r'"(?:[^"\\]|\\.)*(?:"|\\?$)'
NESTED = r"[\[{][^\]}]*(?:[\]}]|$)"
_MEMBER = re.compile(rf'("{NAMES}"\s*:\s*)(?:{STRING}|{NESTED}|[^,}}\]\s]+)', re.IGNORECASE | re.DOTALL)
_PAIR = re.compile(rf"((?:^|[?&;\s]){NAMES}=)[^&;\s\"'<>]+", re.IGNORECASE)
_SIGN_IN = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(\w+://)[^/\s@\"]*@")
_CARD = re.compile(r"(?<![\w+-])\+?(?:7|8)[\s(-]*9\d{2}[\s)-]*\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)")


def mask(text: str) -> str:
    """Give `text` without the values of credentials, names, logins, phones and addresses of people."""
    text = _MEMBER.sub(rf'\1"{HIDDEN}"', text)
    text = _PAIR.sub(rf"\1{HIDDEN}", text)
    text = _SIGN_IN.sub(rf"\1 {HIDDEN}", text)
    text = _IN_ADDRESS.sub(rf"\1{HIDDEN}@", text)
    return _CARD.sub(HIDDEN, text)


def masked(body: bytes) -> str:
    """Give the beginning of a body as text that may be kept."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data"
        text = body.decode("utf-8", "ignore") if cut else body.decode("cp1251", "replace")
    return mask(text.replace("\0", ""))[:SHOWN_CHARACTERS]
