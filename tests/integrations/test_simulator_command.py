from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from apps.integrations.management.commands import simulate
from apps.integrations.selectors.people_for_simulator import people_for_simulator
from apps.integrations.simulators.__main__ import main
from apps.integrations.simulators.table import SIMULATORS, simulator_class
from tests.conftest import REPOSITORY
from tests.factories.organization import make_department, make_employee
from tests.integrations.simulated import simulated_thread

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from pathlib import Path

TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def people() -> None:
    root = make_department(name="Центр", external_id="R")
    group = make_department(
        make_department(root, name="Очередь", external_id="Q"), name="Группа", external_id="G"
    )
    make_employee(
        personnel_number="000123",
        external_id="uuid-1",
        hired_on=dt.date(2020, 1, 15),
        department=group,
        weekly_norm_minutes=2160,
        rate="0.9",
    )
    make_employee(personnel_number="000124")
    make_employee(personnel_number="000125", hired_on=TODAY + dt.timedelta(days=1))


@pytest.mark.django_db
@pytest.mark.usefixtures("people")
def test_the_product_s_people_become_those_of_1c(
    tmp_path: Path, django_assert_num_queries: Callable[..., object]
) -> None:
    with django_assert_num_queries(2):
        given = people_for_simulator(TODAY)
    assert [row["tabN"] for row in given["people"]] == ["000123", "000124"]
    file = tmp_path / "people.json"
    file.write_text(json.dumps(given))
    with simulated_thread("onec", "--people-file", str(file), "--today", "2026-11-20") as onec:
        (answer,) = onec.get("/agents/2026-01-01/2026-12-31")
    person, made = answer["AR_agents"]
    assert (person["agentId"], person["normWeek"], person["rate"]) == ("uuid-1", 36, 0.9)
    assert person["startwork"] == "2020-01-14T21:00:00Z"
    parents = {row["departmentId"]: row["parentDepartmentId"] for row in answer["AR_departments"]}
    assert (parents["R"], parents["Q"], parents[person["departmentId"]]) == ("", "R", "Q")
    assert made["agentId"]
    assert made["agentId"] == people_for_simulator(TODAY)["people"][1]["agentId"]


@pytest.mark.django_db
@pytest.mark.usefixtures("people")
def test_the_command_hands_over_the_people(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Namespace] = []
    monkeypatch.setattr(simulate, "run", lambda _simulator, options: ran.append(options))
    call_command("simulate", "onec", "--people-from-database", "--port", "1")
    assert len(ran[0].given["people"]) == 2
    call_command("simulate", "webhook-receiver", "--secret", "whsec_eA==")
    assert ran[1].secret == ["whsec_eA=="]


@pytest.mark.parametrize("name", SIMULATORS)
def test_every_simulator_of_the_table_is_there(name: str) -> None:
    assert simulator_class(name).name == name


def test_a_name_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sapper"]) == 2
    assert "onec" in capsys.readouterr().err


def test_manage_py_needs_no_database() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "simulate", "onec", "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--people-from-database" in done.stdout
