"""Connections as people set them up and try them: the form, the test, the command, the admin."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.integrations.forms.connections import form_of
from apps.integrations.models import Connection, RunSchedule
from apps.integrations.services.access import access_of, set_secret
from apps.integrations.services.schedule_sends.noticing import USUAL_DELAY_S
from apps.integrations.services.testing import examine_connection
from apps.jobs.models import Job
from apps.jobs.services import run as run_job
from tests.factories import make_user
from tests.factories.integrations import make_connection
from tests.integrations.peer import Issuer, answering, peer

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

pytestmark = pytest.mark.usefixtures("in_english")

GOOD = {
    "name": "1C",
    "code": "zup",
    "system": "onec",
    "dialect": "zup",
    "base_url": "https://zup.example/base/hs/wfm",
    "time_zone": "Europe/Moscow",
    "authentication": "basic",
    "username": "exchange",
    "timeout_s": "30",
    "max_answer_bytes": "1000000",
    "max_parallel": "5",
    "is_active": "on",
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("base_url", "zup.example"),
        ("base_url", "ftp://zup.example"),
        ("base_url", "http://"),
        ("base_url", "http://user:pw@zup.example/"),
        ("base_url", "http://zup.example/?x=1"),
        ("base_url", "http://zup example/"),
        ("base_url", "http://zup.example:99999/"),
        ("base_url", ""),
        ("time_zone", "Moscow"),
        ("dialect", "standard"),
        ("username", ""),
        ("username", "a:b"),
        ("timeout_s", "301"),
        ("max_parallel", "0"),
        ("option_vanish_limit_percent", "101"),
        ("option_apply", "never"),
        ("option_site_zones", '{"Kazan": "Nowhere"}'),
        ("option_site_zones", "["),
    ],
)
def test_a_setting_that_cannot_be_is_refused_at_its_field(field: str, value: str) -> None:
    form = form_of("onec", "zup")({**GOOD, field: value})
    assert not form.is_valid()
    assert list(form.errors) == [field]


@pytest.mark.django_db
def test_options_are_kept_as_what_they_are_and_the_usual_is_left_out() -> None:
    connected = make_connection(system="contact_centre", options={"poll_s": 5, "own": 1}, dialect="standard")
    sent = {
        **GOOD,
        "system": "contact_centre",
        "dialect": "standard",
        "option_poll_s": "30",
        "option_poll": "states, loads",
        "option_push_addresses": "10.0.0.0/8\n192.168.0.7",
        "option_push_sign_in": "path",
        "option_link_by": "login",
        "option_step_minutes": "15",
        "option_ignore_case": "on",
    }
    form = form_of("contact_centre", "standard")(sent, instance=connected)
    assert form.is_valid(), form.errors
    assert form.instance.options == {
        "own": 1,
        "push": False,
        "push_addresses": ["10.0.0.0/8", "192.168.0.7"],
        "push_sign_in": "path",
        "link_by": "login",
    }
    wrong = form_of("contact_centre", "standard")({**sent, "option_push_addresses": "10.0.0.0/33"})
    assert "option_push_addresses" in wrong.errors


@pytest.mark.django_db
@pytest.mark.parametrize(("typed", "kept"), [("60", {}), ("", {}), ("0", {"send_delay_s": 0})])
def test_the_pause_before_sending_that_is_shown_is_the_one_that_is_kept(
    typed: str, kept: dict[str, int]
) -> None:
    connected = make_connection(dialect="zup", options={})
    assert form_of("onec", "zup")(instance=connected).initial["option_send_delay_s"] == USUAL_DELAY_S
    own = {"option_vanish_limit_percent": "10", "option_ignore_case": "on", "option_is_master": "on"}
    form = form_of("onec", "zup")({**GOOD, **own, "option_send_delay_s": typed}, instance=connected)
    assert form.is_valid(), form.errors
    assert form.instance.options == kept


@pytest.mark.django_db
class TestAdmin:
    @pytest.fixture
    def admin(self, client: Client) -> Client:
        client.force_login(make_user(role=Role.ADMIN))
        return client

    def test_a_new_connection_goes_on_to_its_options_with_the_usual_schedules(self, admin: Client) -> None:
        answer = admin.post(reverse("admin:integrations_connection_add"), GOOD)
        made = Connection.objects.get()
        assert answer.headers["Location"] == reverse("admin:integrations_connection_change", args=[made.pk])
        kinds = set(RunSchedule.objects.values_list("purpose", "recurrence", "weekday", "nth"))
        assert ("onec.personnel", "daily", None, None) in kinds
        assert AuditEntry.objects.filter(action="connection.add").exists()

    def test_a_gateway_begins_without_the_run_that_it_cannot_do(self, admin: Client) -> None:
        add = reverse("admin:integrations_connection_add")
        admin.post(add, GOOD)
        admin.post(add, {**GOOD, "code": "gateway", "dialect": "gateway"})
        kinds = set(RunSchedule.objects.values_list("connection__code", "purpose"))
        assert kinds == {("zup", "onec.personnel"), ("zup", "onec.month"), ("gateway", "onec.personnel")}

    def test_secrets_are_written_and_never_shown(self, admin: Client) -> None:
        connected = make_connection(username="u", dialect="zup")
        address = reverse("admin:integrations_connection_change", args=[connected.pk])
        formset = {f"schedules-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
        schedule: dict[str, Any] = {
            "schedules-TOTAL_FORMS": "1",
            "schedules-0-purpose": "onec.personnel",
            "schedules-0-recurrence": "monthly",
            "schedules-0-weekday": "5",
            "schedules-0-nth": "-1",
            "schedules-0-at": "01:30",
            "schedules-0-time_zone": "Europe/Moscow",
            "schedules-0-options": "{}",
            "schedules-0-is_enabled": "on",
        }
        sent = {**GOOD, **formset, **schedule, "secret_password": "planted-9f3b"}
        answer = admin.post(address, sent)
        assert answer.status_code == 302, re.findall(r"errorlist.*?</ul>", answer.content.decode())
        assert access_of(connected.pk).secrets == {"password": "planted-9f3b"}
        made = RunSchedule.objects.get()
        assert made.next_at is not None
        assert made.nth == -1
        page = admin.get(address).content.decode()
        assert "planted" not in page
        assert "planted" not in str(list(AuditEntry.objects.values()))
        admin.post(address, {**GOOD, **formset, "secret_password": ""})
        assert access_of(connected.pk).secrets == {"password": "planted-9f3b"}
        admin.post(address, {**GOOD, **formset, "take_away_password": "on"})
        assert access_of(connected.pk).secrets == {}

    def test_a_schedule_whose_days_do_not_fit_is_refused(self, admin: Client) -> None:
        connected = make_connection(username="u", dialect="zup")
        address = reverse("admin:integrations_connection_change", args=[connected.pk])
        sent = {
            **GOOD,
            "schedules-TOTAL_FORMS": "1",
            "schedules-INITIAL_FORMS": "0",
            "schedules-0-purpose": "onec.personnel",
            "schedules-0-recurrence": "monthly",
            "schedules-0-at": "01:30",
            "schedules-0-time_zone": "Moscow",
        }
        answer = admin.post(address, sent)
        assert answer.status_code == 200
        assert not RunSchedule.objects.exists()

    def test_a_planner_sees_but_does_not_change(self, client: Client) -> None:
        connected = make_connection()
        client.force_login(make_user(role=Role.PLANNER))
        address = reverse("admin:integrations_connection_change", args=[connected.pk])
        assert client.post(address, GOOD).status_code == 403


@pytest.mark.django_db(transaction=True)
class TestTesting:
    def found(self, connected: Connection) -> str:
        tested = examine_connection(connected.pk, actor=None)
        assert not tested.is_well
        return "\n".join(words for well, words in tested.findings if not well)

    def test_what_is_wrong_is_said_in_words(self, tmp_path: Path) -> None:
        issuer = Issuer(tmp_path)
        for status, words in (("401 Unauthorized", "user name or password"), ("503 Gone", "has an error")):
            with peer(answering(b"", status)) as other:
                connected = make_connection(base_url=f"http://127.0.0.1:{other.port}", username="u")
                assert words in self.found(connected)
        with peer(answering(b"[]"), issuer.server()) as other:
            secure = make_connection(base_url=f"https://127.0.0.1:{other.port}", username="u")
            assert "not trusted" in self.found(secure)
        for facts, words in (
            ({"base_url": "zup.example"}, "begin with http"),
            ({"base_url": "http://nowhere.invalid", "username": "u"}, "is not known"),
            ({"base_url": "http://127.0.0.1:9", "username": "u"}, "refuses connections"),
            ({"base_url": "http://a:b@zup.example"}, "their own fields"),
            ({"username": ""}, "needs a user name"),
            ({"username": "u", "time_zone": "Moscow"}, "no time zone"),
        ):
            assert words in self.found(make_connection(**facts))

    def test_a_receiver_of_webhooks_is_not_called(self) -> None:
        with peer(answering(b"[]")) as other:
            hook = make_connection(system="webhook", base_url=f"http://127.0.0.1:{other.port}", username="u")
            assert examine_connection(hook.pk, actor=None).is_well
            assert other.requests == []

    def test_the_command_says_the_same(self) -> None:
        with peer(answering(b"[]")) as other:
            connected = make_connection(
                system="argus", base_url=f"http://127.0.0.1:{other.port}", username="u"
            )
            out = io.StringIO()
            call_command("test_connection", connected.code, stdout=out)
            assert "answers (status 200)" in out.getvalue()
        out = io.StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("test_connection", connected.code, "--json", stdout=out)
        assert ended.value.code == 2
        said = json.loads(out.getvalue())
        assert (said["connection"], said["well"]) == (connected.code, False)
        with pytest.raises(CommandError, match=connected.code):
            call_command("test_connection", "none")

    def test_the_button_leads_to_what_was_found(self, client: Client) -> None:
        client.force_login(make_user(role=Role.PLANNER))
        connected = make_connection(username="u")
        set_secret(connected, "password", "planted-9f3b", actor=None)
        client.post(reverse("integrations:connection-test", args=[connected.code]))
        job = Job.objects.get()
        run_job(job.pk)
        job.refresh_from_db()
        assert job.result["well"] is False
        page = client.get(job.result_url).content.decode()
        assert "127.0.0.1" in page
        assert "planted" not in page
