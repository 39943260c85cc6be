"""Rules of the house that no tool of its own holds."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from tests.architecture.test_sizes import PRODUCT, ROOT, name

LAYERS = configparser.ConfigParser()
LAYERS.read(ROOT / ".importlinter")
UNFINISHED = re.compile(r"raise NotImplementedError|\bTODO\b|\bFIXME\b|\bXXX\b|not implemented")
BROAD_EXCEPT = re.compile(r"except( Exception| BaseException)?( as \w+)?:")
VAGUE_NAMES = {"utils", "helpers", "manager", "managers", "misc", "common", "data2"}
OUTSIDE_HOST = re.compile(r"\b(pypi|pythonhosted|npmjs|jsdelivr|unpkg|cdnjs|googleapis|gstatic)\.\w+\b")
WHERE_IT_WOULD_BE = ("apps", "wfm", "templates", "static", "docs", "benchmarks", ".ci")
WITHOUT_ANATOMY = {"core", "demo"}  # the ground under the apps, and a script over them
TEXT_SUFFIXES = {"", ".py", ".html", ".css", ".js", ".md", ".txt", ".toml", ".sh", ".svg", ".yml"}
OWN_APPS = [config for config in apps.get_app_configs() if config.name.startswith("apps.")]


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_a_module_is_finished_and_lets_faults_through(path: Path) -> None:
    source = path.read_text()
    assert not UNFINISHED.findall(source)
    assert not BROAD_EXCEPT.search(source)
    assert not VAGUE_NAMES & {*path.parts[len(ROOT.parts) :], path.stem}


def test_layers_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_every_app_has_its_place_in_both_contracts() -> None:
    layers = set(re.findall(r"\w+", LAYERS["importlinter:contract:apps-layers"]["layers"].replace("(", " (")))
    anatomy = LAYERS["importlinter:contract:inside-each-app"]["containers"].split()
    for config in OWN_APPS:
        assert config.label in layers
        assert config.label in WITHOUT_ANATOMY or config.name in anatomy


def test_apps_are_installed_from_the_lowest_layer_up() -> None:
    rows = LAYERS["importlinter:contract:apps-layers"]["layers"].split("\n")
    rank = {label: -row for row, labels in enumerate(rows) for label in re.findall(r"\w+", labels)}
    ranks = [rank[entry.split(".")[1]] for entry in settings.INSTALLED_APPS if entry.startswith("apps.")]
    assert ranks == sorted(ranks)  # apps.core.locks takes the order of its locks from it


def test_nothing_is_fetched_from_a_package_registry_or_a_cdn() -> None:
    folders = [path for folder in WHERE_IT_WOULD_BE for path in (ROOT / folder).rglob("*")]
    top = [ROOT / "Makefile", ROOT / "README.md", *ROOT.glob("requirements*.txt"), ROOT / "pyproject.toml"]
    texts = [path for path in [*folders, *top] if path.is_file() and path.suffix in TEXT_SUFFIXES]
    assert not [name(path) for path in texts if OUTSIDE_HOST.search(path.read_text())]


def test_every_event_is_documented() -> None:
    documented = (ROOT / "docs" / "events.md").read_text()
    emitted = {
        event_type
        for path in PRODUCT
        for event_type in re.findall(r'(?:emit\(|receiver\()\s*"([\w.]+)"', path.read_text())
    }
    assert not [event_type for event_type in emitted if f"`{event_type}`" not in documented]
