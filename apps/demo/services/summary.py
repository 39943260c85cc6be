"""What the demo reached, as flat figures with units: from the database, so that a later run says the same."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings

from apps.demand.choices import ImportState
from apps.demand.selectors import imports_of
from apps.demand.services.importing import IMPORT_KIND
from apps.demo.blueprint import QUEUES, ZONE
from apps.demo.services.chain import published_variants
from apps.demo.services.sign_in import sign_ins
from apps.forecasts.selectors import accuracy_rows
from apps.forecasts.services.running import FORECAST_KIND
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.organization.models import Employee
from apps.schedules.services.optimisation import JOB_KIND as PLAN_KIND
from apps.staffing.services.deriving import REQUIREMENT_KIND

if TYPE_CHECKING:
    from pathlib import Path

    from apps.demo.blueprint import QueuePlan
    from apps.demo.services.chain import DemoChain
    from apps.forecasts.models import ForecastVersion
    from apps.schedules.models import ScheduleVariant

Figures = dict[str, Any]
HOUR_S = 3600
NAIVE = "week_naive"
SECONDS = "seconds_"
JOB_KINDS = {
    "import": IMPORT_KIND,
    "forecast": FORECAST_KIND,
    "staff": REQUIREMENT_KIND,
    "optimise": PLAN_KIND,
}


def summary_path() -> Path:
    """Give where the summary is kept: in the local state folder (`WFM_VAR`, else `var`)."""
    path: Path = settings.VAR_DIR / "demo-summary.json"
    return path


def read_seconds(month: dt.date) -> dict[str, float]:
    """Give the seconds by stage that an earlier run for the same month wrote down."""
    try:
        kept = json.loads(summary_path().read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return {}
    if kept.get("month") != f"{month:%Y-%m}":
        return {}
    return {key.removeprefix(SECONDS): value for key, value in kept.items() if key.startswith(SECONDS)}


def stage_seconds() -> dict[str, float]:
    """Give the wall-clock seconds of the newest successful jobs of each stage, one for each queue."""
    seconds: dict[str, float] = {}
    for stage, kind in JOB_KINDS.items():
        done = Job.objects.filter(kind=kind, state=JobState.SUCCEEDED).order_by("-created_at")
        spans = [(job.started_at, job.finished_at) for job in done[: len(QUEUES)]]
        times = [(first, last) for first, last in spans if first and last]
        if stage == "optimise" and times:  # side by side
            begun, ended = min(first for first, _ in times), max(last for _, last in times)
            seconds[stage] = (ended - begun).total_seconds()
        else:
            seconds[stage] = sum((last - first).total_seconds() for first, last in times)
    return seconds


def write_summary(chain: DemoChain) -> Figures:
    """Gather the figures, keep them as JSON, and give them."""
    seconds = read_seconds(chain.month) | chain.seconds | stage_seconds()
    figures = summarise(chain, seconds)
    path = summary_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return figures


def summarise(chain: DemoChain, seconds: dict[str, float]) -> Figures:
    """Gather the figures of the published month: totals first, then by queue under `large.` and `small.`."""
    plans, calls = chain.plans, chain.calls
    keys = [plan.key for plan in plans]
    variants = dict(zip(keys, published_variants(chain.month, plans), strict=True))
    figures: Figures = {"month": f"{chain.month:%Y-%m}"}
    figures |= _totals([variant.metrics for variant in variants.values()])
    figures |= {"employees": Employee.objects.count(), "personnel_data": "generated, seeded"}
    figures |= {
        "handle_time_s": round(calls.aht_s, 1),
        "patience_s": round(calls.patience_s, 1),
        "handle_time_source": f"{calls.answered} answered calls of the Anonymous Bank in 8/1999",
    }
    for sign_in in sign_ins():
        figures[f"sign_in_{sign_in.role.value}"] = f"{sign_in.username} {sign_in.password}"
    for plan in plans:
        figures |= {f"{plan.key}.{key}": value for key, value in _of_queue(plan, variants[plan.key]).items()}
    figures |= {f"{SECONDS}{stage}": round(value, 2) for stage, value in seconds.items()}
    return figures


def _totals(metrics: list[Figures]) -> Figures:
    def total(key: str) -> Any:
        return sum(part[key] for part in metrics)

    objective, bound, required = total("objective"), total("bound"), total("required_intervals")
    expected = [part["expected"] for part in metrics if part["expected"]["calls"]]
    calls = sum(part["calls"] for part in expected)
    in_time = sum(part["calls"] * part["service_level"] for part in expected)
    return {
        "people": total("people"),
        "shifts": total("shifts"),
        "required_agent_hours": total("required_h"),
        "scheduled_agent_hours": total("scheduled_h"),
        "under_cover_pct": _percent(total("under_intervals") / required),
        "over_cover_pct": _percent(total("over_intervals") / required),
        "expected_service_level_pct": _percent(in_time / calls if calls else None),
        "hard_violations": total("hard_violations"),
        "objective": objective,
        "bound": bound,
        "gap_pct": _percent((objective - bound) / objective if objective else 0.0),
    }


def _of_queue(plan: QueuePlan, variant: ScheduleVariant) -> Figures:
    requirement = variant.requirements.select_related("forecast", "queue").get()
    return (
        _history(plan, requirement.queue_id)
        | _accuracy(requirement.forecast)
        | _schedule(variant)
        | {"address": f"/planning/{plan.code}/{variant.month:%Y-%m}/"}
    )


def _history(plan: QueuePlan, queue_id: int) -> Figures:
    batch = imports_of(queue_id).filter(state=ImportState.APPLIED).latest("pk")
    shifted = [
        instant.astimezone(ZoneInfo(ZONE)).date()
        for instant in (batch.first_start, batch.last_start)
        if instant
    ]
    original = [day - dt.timedelta(weeks=batch.weeks_shifted) for day in shifted]
    return {
        "source": plan.source,
        "history_original_dates": "..".join(day.isoformat() for day in original),
        "history_shifted_dates": "..".join(day.isoformat() for day in shifted),
        "history_shifted_weeks": batch.weeks_shifted,
        "history_intervals": batch.rows_read - batch.rows_refused,
        "history_rows_refused": batch.rows_refused,
    }


def _accuracy(forecast: ForecastVersion) -> Figures:
    rows = {row.model: row for row in accuracy_rows(forecast)}
    chosen = next(row for row in rows.values() if row.is_chosen)
    figures: Figures = {
        "forecast_model": forecast.model,
        "forecast_wape_pct": _percent(chosen.wape),
        "forecast_bias_pct": _percent(chosen.bias),
        "forecast_mase": _rounded(chosen.mase),
    }
    if chosen.coverage is not None:
        figures["forecast_band_coverage_pct"] = _percent(chosen.coverage)
    if NAIVE in rows:
        figures["seasonal_naive_wape_pct"] = _percent(rows[NAIVE].wape)
    return figures


def _schedule(variant: ScheduleVariant) -> Figures:
    metrics = variant.metrics
    expected = metrics["expected"]
    return {
        "people": metrics["people"],
        "shifts": metrics["shifts"],
        "required_agent_hours": metrics["required_h"],
        "scheduled_agent_hours": metrics["scheduled_h"],
        "norm_hours": round(metrics["norm_h"], 1),
        "paid_hours": round(metrics["paid_h"], 1),
        "under_cover_pct": _percent(metrics["under_share"]),
        "over_cover_pct": _percent(metrics["over_share"]),
        "expected_service_level_pct": _percent(expected["service_level"]),
        "expected_asa_s": _rounded(expected["asa_s"]),
        "expected_abandoned_pct": _percent(expected["p_abandon"]),
        "hard_violations": metrics["hard_violations"],
        "objective": metrics["objective"],
        "bound": metrics["bound"],
        "gap_pct": _percent(metrics["gap"]),
        "seconds_solve": metrics["seconds"]["solve"],
        "variant_id": variant.pk,
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
