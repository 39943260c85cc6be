"""The Russian catalogue holds every message of code and templates, whole and with its placeholders."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import translation
from django.utils.translation import ngettext

from apps.core.management.commands import serve
from apps.core.management.commands.serve import compile_translations
from apps.core.services.catalogues import catalogue_path, collect, compile_all, merge, read

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message
    from pytest_django.fixtures import SettingsWrapper

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[\d.]*[sdf]")
RUSSIAN_FORMS = 3


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    return collect(ROOT)


@pytest.fixture(scope="module")
def russian() -> Catalog:
    return read(catalogue_path(ROOT, "ru"), "ru")


def _key(message: Message) -> tuple[object, object]:
    return message.id, message.context


def _texts(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [str(message.string)]


def test_every_message_is_in_the_catalogue_and_nothing_else(wanted: Catalog, russian: Catalog) -> None:
    """If this fails: `manage.py compile_catalogues --update`, then translate what is empty."""
    assert {_key(message) for message in wanted} == {_key(message) for message in russian}


def test_every_message_is_translated(russian: Catalog) -> None:
    empty = [m.id for m in russian if m.id and (m.fuzzy or not all(_texts(m)))]
    assert empty == []


def test_plurals_have_all_forms(russian: Catalog) -> None:
    plurals = [message for message in russian if isinstance(message.id, tuple)]
    assert plurals
    assert [m.id for m in plurals if len(_texts(m)) != RUSSIAN_FORMS] == []


def test_translations_keep_the_placeholders(russian: Catalog) -> None:
    wrong = []
    for message in russian:
        if not message.id:
            continue
        known = {name for text in _ids(message) for name in PLACEHOLDER.findall(text)}
        wrong += [text for text in _texts(message) if not set(PLACEHOLDER.findall(text)) <= known]
        if not isinstance(message.id, tuple) and set(PLACEHOLDER.findall(_texts(message)[0])) != known:
            wrong.append(message.id)
    assert wrong == []


def _ids(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, tuple) else [str(message.id)]


def test_compiled_plurals_are_russian() -> None:
    compile_all(ROOT)
    with translation.override("ru"):
        forms = [ngettext("%(count)d hour", "%(count)d hours", n) % {"count": n} for n in (1, 3, 5, 21)]
    assert forms == ["1 час", "3 часа", "5 часов", "21 час"]


def test_a_fresh_clone_is_compiled_by_the_commands_that_serve(
    tmp_path: Path, settings: SettingsWrapper
) -> None:
    folder = tmp_path / "locale" / "ru" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = (ROOT / "locale" / "ru" / "LC_MESSAGES" / "django.po").read_bytes()
    (folder / "django.po").write_bytes(source)
    settings.BASE_DIR = tmp_path
    said: list[str] = []
    compile_translations(said.append)
    assert (folder / "django.mo").exists()
    assert said == ["Compiled the translations: locale/ru/LC_MESSAGES/django.mo"]
    compile_translations(said.append)
    assert len(said) == 1, "nothing is newer than what was compiled"


def test_translations_that_cannot_be_compiled_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_root: Path) -> list[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(serve, "compile_all", refuse)
    said: list[str] = []
    compile_translations(said.append)
    assert "half English: Permission denied" in said[0]


def test_merging_collects_templates_and_drops_what_is_unused(tmp_path: Path) -> None:
    for folder in ("apps", "wfm", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "apps" / "views.py").write_text("_('Plan')\npgettext('a code', 'V')\n", encoding="utf-8")
    plural = "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}"
    page = "{% load i18n %}\n  {% if x %}\n    " + plural + "{% endif %}"
    (tmp_path / "templates" / "page.html").write_text(page, encoding="utf-8")
    merge(tmp_path, "ru")
    (tmp_path / "apps" / "views.py").write_text("_('Publish')\n", encoding="utf-8")
    path = merge(tmp_path, "ru")
    ids = {message.id for message in read(path, "ru")}
    assert ids == {"", "Publish", ("%(n)s day", "%(n)s days")}
