"""A small month from requirement to a published schedule, by every door, judged from its export alone."""

from __future__ import annotations

import copy
import datetime as dt
import json
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from apps.algorithms.rostering import solver
from apps.core.errors import ConflictError, DomainError, NotAllowedError, StaleError
from apps.core.models import OutboxEvent
from apps.forecasts.models import ForecastVersion
from apps.jobs import services as jobs
from apps.jobs.choices import JobState
from apps.schedules.choices import VariantState
from apps.schedules.models import Activity, ScheduleVariant
from apps.schedules.selectors.checking import check_variant
from apps.schedules.selectors.cover import compared
from apps.schedules.selectors.cover import cover as month_cover
from apps.schedules.selectors.export import export_variant
from apps.schedules.selectors.measuring import service
from apps.schedules.services import optimisation
from apps.schedules.services.optimisation import optimise_month, request_plan
from apps.schedules.services.publishing import publish_variant
from apps.staffing.models import RequirementVersion
from apps.staffing.selectors import requirement_points
from tests.factories.accounts import make_user
from tests.factories.organization import make_employee, make_limit, make_member, make_queue, make_site
from tests.factories.schedules import make_absence, make_work_rule
from tests.factories.staffing import make_requirement, make_target
from tests.schedules.independent_checker import cover, findings
from tests.schedules.scenes import DAYS, MONTH, START, add_shift, make_plan, make_scene

if TYPE_CHECKING:
    from pathlib import Path

    from tests.schedules.scenes import Scene

pytestmark = pytest.mark.django_db
SECONDS = 1.5


@pytest.fixture
def scene() -> Scene:
    """Six people in Moscow and two five hours east of it, one on leave, one who may not work at night."""
    scene = make_scene(people=6, agents=3)
    scene.add_people(2, site=make_site(time_zone="Asia/Krasnoyarsk"))
    make_absence(scene.people[0], MONTH + dt.timedelta(days=7), MONTH + dt.timedelta(days=13))
    make_limit(scene.people[1], "no_night")
    return scene


def plan(scene: Scene, **options: Any) -> ScheduleVariant:
    asked: dict[str, Any] = {"month": MONTH, "time_limit_s": SECONDS, "actor": None} | options
    return optimise_month(group_id=scene.group.pk, **asked)


@pytest.mark.django_db(transaction=True)
def test_from_requirement_to_a_published_schedule(scene: Scene, tmp_path: Path) -> None:
    out = StringIO()
    options = ("--group", scene.group.code, "--month", "2027-02", "--time-limit", str(SECONDS))
    call_command("plan_month", *options, stdout=out)
    variant = ScheduleVariant.objects.get()
    assert f"variant {variant.pk}" in out.getvalue()
    assert check_variant(variant.pk) == []
    target = tmp_path / "schedule.json"
    call_command("export_schedule", variant=variant.pk, out=target, stdout=StringIO())
    exported = json.loads(target.read_text())
    assert findings(exported) == []
    call_command("publish_variant", variant=variant.pk, stdout=StringIO(), stderr=StringIO())
    variant.refresh_from_db()
    assert variant.state == VariantState.PUBLISHED
    with pytest.raises(CommandError, match="Only a draft"):
        call_command("publish_variant", variant=variant.pk)


def test_the_figures_are_those_of_the_activities(scene: Scene) -> None:
    variant = plan(scene)
    figures = variant.metrics
    required, missing = cover(export_variant(variant.pk))[scene.queue.code]
    assert figures["required_intervals"] == required == 28 * 36 * 3
    assert figures["under_intervals"] == missing
    assert figures["under_share"] == pytest.approx(missing / required)
    assert figures["people"] == 8
    assert figures["paid_h"] == pytest.approx(sum(shift.paid_s for shift in variant.shifts.all()) / 3600)
    assert figures["hard_violations"] == 0
    assert figures["bound"] <= figures["objective"]
    assert 0 <= figures["gap"] <= 1
    assert 0 <= figures["expected"]["service_level"] <= 1
    assert set(figures["seconds"]) == {"load", "solve", "store"}
    assert variant.number == 1
    event = OutboxEvent.objects.get(type="schedule.planned")
    assert event.data["under_share"] == figures["under_share"]


def test_norms_of_the_month_are_lowered_by_absences(scene: Scene) -> None:
    """20 working days of 8 h in a plain February 2027; the leave takes five of them."""
    people = {person["id"]: person for person in export_variant(plan(scene).pk)["people"]}
    assert people[scene.people[0].pk]["norm_s"] == 15 * 8 * 3600
    assert people[scene.people[1].pk]["norm_s"] == 20 * 8 * 3600


def test_the_checker_finds_what_is_wrong(scene: Scene) -> None:
    """The judge is worth something only if it says no."""
    exported = export_variant(plan(scene).pk)
    shift = exported["shifts"][0]
    broken = copy.deepcopy(exported)
    broken["shifts"][0]["activities"].pop(1)
    assert any("do not follow" in text for text in findings(broken))
    broken = copy.deepcopy(exported)
    person = next(person for person in broken["people"] if person["id"] == shift["employee"])
    person["absences"] = [{"start": shift["start"], "end": shift["end"]}]
    assert any("during an absence" in text for text in findings(broken))
    broken = copy.deepcopy(exported)
    broken["shifts"] = [other for other in broken["shifts"] if other["employee"] != shift["employee"]]
    assert any("norm" in text for text in findings(broken))
    broken = copy.deepcopy(exported)
    broken["shifts"].append(shift | {"day": "2027-02-28"})
    assert any("of rest after" in text for text in findings(broken))


def test_a_requirement_nobody_can_meet_names_the_shortage() -> None:
    scene = make_scene(people=2, agents=5)
    variant = plan(scene, time_limit_s=2.0)
    assert variant.metrics["under_share"] > 0.5
    assert variant.metrics["hard_violations"] == 0
    assert "head_count" in {reason.get("key") for reason in variant.reasons}


def test_people_without_a_work_rule_are_named() -> None:
    scene = make_scene(people=2, agents=1)
    scene.people[1].work_rules.all().delete()
    variant = plan(scene, time_limit_s=1.0)
    assert variant.people.count() == 1
    assert {"kind": "left_out", "key": "no_work_rule"}.items() <= variant.reasons[0].items()


def test_the_same_month_twice_at_once_is_refused_with_the_running_job(scene: Scene) -> None:
    job = request_plan(group_id=scene.group.pk, month=MONTH, actor=None)
    with pytest.raises(ConflictError) as refusal:
        request_plan(group_id=scene.group.pk, month=MONTH, actor=None)
    assert refusal.value.extra["job_id"] == str(job.pk)
    assert refusal.value.extra["job_url"] == f"/api/v1/jobs/{job.pk}/"
    with pytest.raises(ConflictError):
        plan(scene)


@pytest.mark.django_db(transaction=True)
def test_the_job_tells_where_its_result_is(scene: Scene) -> None:
    job = request_plan(group_id=scene.group.pk, month=MONTH, actor=None, time_limit_s=1.0)
    job = jobs.run_now(job)
    assert job.state == JobState.SUCCEEDED
    variant = ScheduleVariant.objects.get(pk=job.result["variant_id"])
    assert variant.job_id == job.pk
    assert job.result_url.startswith(f"/planning/{scene.group.code}/2027-02/schedule/")


@pytest.mark.django_db(transaction=True)
def test_a_cancelled_job_stores_nothing(scene: Scene) -> None:
    job = request_plan(group_id=scene.group.pk, month=MONTH, actor=None, time_limit_s=30.0)
    type(job).objects.filter(pk=job.pk).update(cancel_requested=True)
    job = jobs.run_now(job)
    assert job.state == JobState.CANCELLED
    assert not ScheduleVariant.objects.exists()


@pytest.mark.parametrize("change", ["requirement", "people"])
def test_inputs_that_change_meanwhile_are_not_planned_over(
    scene: Scene, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = solver.solve

    def solve(*args: Any, **options: Any) -> Any:
        solution = real(*args, **options)
        if change == "people":
            make_absence(scene.people[2], MONTH, MONTH, kind="sick")
        else:
            RequirementVersion.objects.update(state="archived")
            scene.require(2, forecast=ForecastVersion.objects.get())
        return solution

    monkeypatch.setattr(optimisation, "solve", solve)
    with pytest.raises(StaleError, match=change.replace("people", "People")):
        plan(scene, time_limit_s=1.0)
    assert not ScheduleVariant.objects.exists()


def test_what_is_missing_is_refused_at_once() -> None:
    scene = make_scene(people=1)
    with pytest.raises(ConflictError, match="no active requirement"):
        request_plan(group_id=scene.group.pk, month=MONTH, actor=None)
    scene.require(1)
    with pytest.raises(DomainError, match="first day"):
        request_plan(group_id=scene.group.pk, month=MONTH.replace(day=2), actor=None)
    scene.people[0].memberships.all().delete()
    with pytest.raises(DomainError, match="Nobody"):
        request_plan(group_id=scene.group.pk, month=MONTH, actor=None)
    scene.group.queues.clear()
    with pytest.raises(DomainError, match="no queue"):
        request_plan(group_id=scene.group.pk, month=MONTH, actor=None)
    with pytest.raises(NotAllowedError):
        request_plan(group_id=scene.group.pk, month=MONTH, actor=make_user("employee"))


def test_a_plan_ends_before_its_job_is_stopped(scene: Scene) -> None:
    job = request_plan(group_id=scene.group.pk, month=MONTH, actor=None, time_limit_s=10**6)
    assert job.params["time_limit_s"] <= settings.CELERY_TASK_SOFT_TIME_LIMIT - 300


def test_who_is_expected_to_be_away_gives_no_service() -> None:
    """Of 8 scheduled people a quarter is expected to be away: the service is that of 6."""
    scene = make_scene(people=1, agents=1)
    version = scene.requirement
    assert version is not None
    stamp: dict[str, Any] = {
        "kind": "target",
        "valid_from": "2020-01-01",
        "valid_to": None,
        "model": "erlang_c",
    }
    stamp |= {"answer_within_s": 20, "patience_s": None}
    starts = requirement_points(version.pk).starts
    nothing = np.zeros(starts.size, dtype=np.int64)

    def expected(agents: int, away: float) -> object:
        version.targets = [stamp | {"absenteeism": away}]
        version.save()
        return service(version, compared(starts, nothing, nothing + agents))["service_level"]

    assert expected(8, 0.25) == expected(6, 0.0)
    assert expected(8, 0.25) != expected(8, 0.0)


def test_each_queue_of_a_group_gets_its_own_people() -> None:
    scene = make_scene(people=3, agents=1)
    evening, nobody = make_queue(), make_queue()
    scene.group.queues.add(evening, nobody)
    required = np.tile(np.repeat([0, 1], [72, 24]), DAYS).tolist()
    for queue in (evening, nobody):
        make_target(queue)
        make_requirement(queue, START, required)
    late = [make_employee() for _ in range(2)]
    for person in late:
        make_member(evening, person)
    make_work_rule(*late, template={"start_from_minute": 900, "start_to_minute": 960})
    variant = plan(scene, time_limit_s=3.0)
    exported = export_variant(variant.pk)
    assert findings(exported) == []
    assert {person["queue"] for person in exported["people"]} == {scene.queue.code, evening.code}
    assert {"kind": "nobody", "queue": nobody.code} in variant.reasons
    figures = variant.metrics["queues"]
    assert figures[nobody.code]["under_share"] == 1
    for code, (wanted, missing) in cover(exported).items():
        assert (figures[code]["required_intervals"], figures[code]["under_intervals"]) == (wanted, missing)


def publish_march(scene: Scene, days: range, hour: int) -> ScheduleVariant:
    """Publish March by hand, before February is planned; shifts begin at `hour`."""
    march = make_plan(scene, days=range(0))
    march.month = MONTH.replace(month=3)
    march.save()
    for person in scene.people:
        for day in days:
            add_shift(march, scene, person, DAYS + day, hour=hour)
    return publish_variant(variant_id=march.pk, actor=None)


def test_a_month_planned_after_the_next_one_keeps_the_rests_before_it() -> None:
    """March is published first and begins at 8: nobody may work late on the last evening of February."""
    scene = make_scene()
    scene.rule = make_work_rule(
        template={"start_from_minute": 480, "start_to_minute": 900}, max_days_a_week=6
    )
    scene.add_people(4)
    required = np.zeros((DAYS, 96), dtype=int)
    required[:, 60:96] = 2
    make_requirement(scene.queue, START, required.ravel().tolist())
    march = publish_march(scene, range(4), hour=8)
    february = plan(scene, time_limit_s=2.0)
    assert check_variant(february.pk) == []
    both = export_variant(february.pk)
    both["shifts"] += export_variant(march.pk)["shifts"]
    assert not [text for text in findings(both) if " paid, norm " not in text]
    last = max(shift.end for shift in february.shifts.all())
    assert last <= march.shifts.earliest("start").start - dt.timedelta(hours=12)
    publish_variant(variant_id=february.pk, actor=None)


def test_the_next_month_keeps_the_rests_after_the_published_one() -> None:
    """Demand around the clock, so that months end and begin with shifts; 1 March 2027 is a Monday."""
    scene = make_scene()
    scene.rule = make_work_rule(template={"start_from_minute": 0, "start_to_minute": 1380}, max_days_a_week=6)
    scene.add_people(6)
    make_requirement(scene.queue, START, [2] * (DAYS * 96))
    make_requirement(scene.queue, START + dt.timedelta(days=DAYS), [2] * (31 * 96))
    february = plan(scene, time_limit_s=2.0)
    publish_variant(variant_id=february.pk, actor=None)
    march = plan(scene, time_limit_s=2.0, month=MONTH.replace(month=3))
    assert check_variant(march.pk) == []
    both = export_variant(march.pk)
    both["shifts"] += export_variant(february.pk)["shifts"]
    assert not [text for text in findings(both) if " paid, norm " not in text]
    first = dt.datetime.fromisoformat(both["variant"]["start"])
    running = [shift for shift in february.shifts.all() if shift.end > first]
    at_work = Activity.objects.filter(
        shift__in=[*running, *march.shifts.all()],
        queue__isnull=False,
        start__lte=march.start,
        end__gt=march.start,
    )
    assert month_cover(march).scheduled[0] == at_work.count()
