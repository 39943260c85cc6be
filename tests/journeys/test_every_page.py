"""Every page in both themes: no serious finding of axe, no policy violation, no script error."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from apps.core.phrases import Phrase
from apps.demand.choices import ImportState
from apps.demand.models import ImportRowError
from apps.jobs.models import Job
from benchmarks.pages_data import make_month
from tests.factories import make_department, make_import_batch, make_queue, make_user
from tests.factories.accounts import PASSWORD
from tests.journeys.browser import PHONE, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from pytest_django.live_server_helper import LiveServer

MONTH = dt.date(2027, 2, 1)
PLACE = "/planning/bank/2027-02"
EMPTY_PLACE = "/planning/bank/2027-05"


@pytest.fixture
def addresses(transactional_db: None) -> list[str]:  # noqa: ARG001 - the database
    """Fill the database and give the address of every page that a signed-in person can open."""
    admin = make_user("admin", username="admin", is_staff=True, is_superuser=True, first_name="Анна")
    made = make_month("bank", people=9, month=MONTH, actor=admin)
    made.employees[0].user = admin
    made.employees[0].save(update_fields=["user"])
    made.variant.reasons = [{"kind": "nobody", "queue": "bank"}]
    made.variant.save(update_fields=["reasons"])
    batch = make_import_batch(made.queue, state=ImportState.CHECKED, rows_refused=1)
    reason = Phrase.plain("not a number")
    ImportRowError.objects.create(batch=batch, line=7, column="calls", reason=reason, value="x")
    job = Job.objects.create(
        kind="schedules.optimise",
        title=Phrase.plain("Schedule"),
        queue="optimise",
        created_by=admin,
        stage=Phrase.plain("Breaks"),
        progress=0.4,
        log=["one line"],
        result={"variant": 1},
    )
    make_queue(code="empty", name="Empty")
    make_department()
    return [
        f"{PLACE}/",
        f"{PLACE}/requirement/",
        f"{PLACE}/schedule/",
        f"{PLACE}/schedule/2027-02-03/",
        f"{EMPTY_PLACE}/",
        f"{EMPTY_PLACE}/requirement/",
        f"{EMPTY_PLACE}/schedule/",
        "/queues/bank/history/",
        "/queues/bank/forecast/",
        "/queues/empty/history/",
        "/queues/empty/forecast/",
        f"/history-imports/{batch.pk}/",
        "/my-schedule/?month=2027-02",
        "/jobs/",
        f"/jobs/{job.pk}/",
        "/admin/",
        "/admin/organization/employee/",
        "/admin/django_celery_beat/periodictask/add/",
        f"/admin/organization/employee/{made.employees[0].pk}/change/",
    ]


def test_pages_are_accessible_keep_the_policy_and_fit_a_phone(
    addresses: list[str], live_server: LiveServer, browser: Browser
) -> None:
    visitor = Visitor(browser, live_server.url, language="ru")
    visitor.open("/accounts/login/")
    findings = visitor.axe()
    visitor.sign_in("admin", PASSWORD)
    visitor.page.click("button[name=theme][value=light]")
    for address in addresses:
        visitor.open(address)
        findings += visitor.axe()
        if not address.startswith("/admin/"):
            findings += visitor.too_wide_for(PHONE)
    visitor.close()
    assert findings == [], "\n".join(findings)
    assert visitor.complaints == [], "\n".join(visitor.complaints)
