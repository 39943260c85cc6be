"""A bounded part of `python -m benchmarks faults`: real workers, real simulators, each row must hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection

from benchmarks.faults import run
from benchmarks.faults.plant import borrowed_plant
from benchmarks.faults.rows import Row, Size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.faults.plant import Plant

PACE = 10.0
SMALL = Size(share=0.02, pace=PACE)


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    with borrowed_plant(tmp_path, str(connection.settings_dict["NAME"]), pace=PACE) as plant:
        yield plant


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["Q1", "C1", "C4", "C5"])
def test_the_row_holds(plant: Plant, name: str) -> None:
    row = run.run(name, plant, SMALL)
    assert row.broken == []
    assert row.holds


def test_a_row_without_checks_or_with_a_broken_one_does_not_hold() -> None:
    assert not Row("X", "nothing looked at").holds
    assert not Row("X", "", {"a": True, "b": False}).holds
    assert Row("X", "", {"a": True, "b": False}).broken == ["b"]
    assert Row("X", "", {"a": True}).holds


@pytest.mark.parametrize("name", run.SCENARIOS)
def test_every_scenario_of_the_table_is_there(name: str) -> None:
    assert callable(run.find(name))
