"""The whole chain on a small made-up bank: the same services and jobs, in seconds."""

import csv
import datetime as dt
import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.accounts.policies import Capability, may
from apps.core import clock
from apps.core.errors import ConflictError
from apps.core.phrases import Phrase
from apps.demo.blueprint import LARGE, QueuePlan
from apps.demo.services.chain import DemoChain, published_variants
from apps.demo.services.guarding import forget_everything, refuse_foreign_people
from apps.demo.services.sign_in import sign_ins
from apps.demo.services.summary import read_seconds, summary_path, write_summary
from apps.jobs.models import Job
from apps.organization.models import Employee
from apps.organization.policies import departments_visible_to
from apps.schedules.models import Absence, ScheduleVariant
from apps.schedules.selectors.planning import plan_key
from tests.factories import make_employee, make_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def tiny(tmp_path: Path) -> QueuePlan:
    """Six weeks of some three erlang, weekdays 07:00 to 21:15."""
    path = tmp_path / "tiny.csv.gz"
    rng = np.random.default_rng(3)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("interval_start", "calls"))
        for day in range(42):
            midnight = dt.datetime(2003, 3, 3) + dt.timedelta(days=day)  # noqa: DTZ001 - local, as in the files
            slots = range(28, 85) if midnight.weekday() < 5 else ()
            for slot in slots:
                writer.writerow((midnight + dt.timedelta(minutes=15 * slot), rng.poisson(15)))
    return replace(LARGE, file=str(path), time_limit_s=4, slack=1.15)


def test_history_becomes_a_published_schedule_and_a_second_run_keeps_it(
    tiny: QueuePlan,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings,  # type: ignore[no-untyped-def]  # noqa: ANN001 - pytest-django gives no type
) -> None:
    settings.VAR_DIR = tmp_path
    lines: list[str] = []
    chain = DemoChain(lines.append, [tiny])
    assert not chain.is_published()
    chain.run()
    assert chain.is_published()
    (variant,) = published_variants(chain.month, [tiny])
    assert variant.metrics["hard_violations"] == 0
    assert variant.metrics["under_share"] < 0.05
    kinds = set(Job.objects.values_list("kind", "state"))
    stages = ("demand.import", "forecasts.run", "staffing.derive", "schedules.optimise")
    assert kinds == {(kind, "succeeded") for kind in stages}
    assert not Job.objects.filter(seen_at=None).exists(), "the bell has no news for who looks at the demo"

    figures = write_summary(chain)
    assert json.loads(summary_path().read_text()) == figures
    assert not any(isinstance(value, dict | list) for value in figures.values())
    assert figures["hard_violations"] == 0
    assert figures["people"] == figures["large.people"] > 5
    assert figures["bound"] <= figures["objective"]
    assert figures["large.history_original_dates"].startswith("2003-03-03..2003-04-")
    assert figures["large.seasonal_naive_wape_pct"] > 0
    stages = ("import", "forecast", "staff", "people", "optimise", "publish")
    assert all(figures[f"seconds_{stage}"] >= 0 for stage in stages)
    assert read_seconds(chain.month).keys() >= chain.seconds.keys()
    assert read_seconds(dt.date(2020, 1, 1)) == {}

    again = DemoChain(lines.append, [tiny])
    assert again.is_published()
    again.run()
    assert ScheduleVariant.objects.count() == 1
    assert Job.objects.count() == 4

    _check_accounts()
    _check_next_month(tiny, monkeypatch)


def _check_next_month(tiny: QueuePlan, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the calendar month rolls over, the next one is planned beside the one that is published."""
    lead = dt.timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: timezone.now() + lead)
    before = set(Absence.objects.values_list("pk", flat=True))
    chain = DemoChain(print, [tiny])
    assert not chain.is_published()
    chain.run()
    first, second = ScheduleVariant.objects.order_by("month")
    assert (first.state, second.state) == ("published", "published")
    assert second.metrics["hard_violations"] == 0
    assert Employee.objects.filter(external_id__startswith="demo-").count() == Employee.objects.count()
    added = Absence.objects.exclude(pk__in=before)
    assert all(absence.start >= second.start - dt.timedelta(days=1) for absence in added)


def _check_accounts() -> None:
    users = {sign_in.role: User.objects.get(username=sign_in.username) for sign_in in sign_ins()}
    assert users.keys() == set(Role) - {Role.INTEGRATION}, "keys of programs are issued in the admin"
    assert User.objects.count() == len(users)
    for sign_in in sign_ins():
        assert users[sign_in.role].check_password(sign_in.password)
        assert users[sign_in.role].email.endswith("@example.invalid")
    assert may(users[Role.PLANNER], Capability.PUBLISH_SCHEDULE)
    assert may(users[Role.ADMIN], Capability.EDIT_MASTER_DATA)
    supervised = set(departments_visible_to(users[Role.SUPERVISOR]).values_list("code", flat=True))
    assert supervised == {"retail-msk", "retail-msk-1"}
    assert Employee.objects.get(user=users[Role.EMPLOYEE]).shifts.filter(is_published=True).exists()


def test_people_of_somebody_else_are_left_alone() -> None:
    refuse_foreign_people()
    make_employee(external_id="demo-000001")
    refuse_foreign_people()
    make_employee()
    with pytest.raises(ConflictError, match="database of its own"):
        refuse_foreign_people()


def test_only_the_bundled_database_is_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/else")
    make_employee()
    with pytest.raises(ConflictError, match="RESET"):
        forget_everything()
    assert Employee.objects.count() == 1


def test_an_interrupted_demo_stops_its_own_planning_only() -> None:
    own, other = make_group(code=LARGE.code), make_group()
    chain = DemoChain(print, [LARGE])
    chain.prepare_accounts()
    jobs = [
        Job.objects.create(
            kind="schedules.optimise",
            title=Phrase.plain("Plan"),
            queue="optimise",
            created_by=chain.actor,
            dedupe_key=plan_key(group.pk, month),
        )
        for group, month in ((own, chain.month), (other, chain.month), (own, chain.next_month))
    ]
    chain.stop([])
    states = [Job.objects.get(pk=job.pk).state for job in jobs]
    assert states == ["cancelled", "queued", "queued"]
