"""`Idempotency-Key`: one effect, the first answer for all."""

from __future__ import annotations

import datetime as dt
from threading import local
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import override_settings
from django.urls import path
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from apps.accounts.choices import Role
from apps.accounts.policies import forget_roles
from apps.core import clock
from apps.core.errors import ConflictError
from apps.core.models import RepeatKey
from apps.core.services import idempotency
from apps.core.web.api import PROBLEM_JSON, Repeatable, accepted  # noqa: F401 - as an endpoint imports them
from apps.organization.models import Skill
from tests.concurrency import at_once
from tests.factories import make_department, make_user

if TYPE_CHECKING:
    from rest_framework.request import Request

    from apps.accounts.models import User

ADDRESS = "/skills/"
CRASH = local()


class MakeSkill(Repeatable, APIView):
    """Makes a skill; refuses the code "no", dies on demand after the effect."""

    def post(self, request: Request) -> Response:
        code = request.data["code"]
        Skill.objects.create(code=f"{code}-{Skill.objects.count()}", name="made")
        if code == "no":
            raise ConflictError("Not now.")
        if getattr(CRASH, "now", False):
            raise SystemExit
        return Response(
            {"count": Skill.objects.count()}, status=201, headers={"Location": f"/skills/{code}/"}
        )


urlpatterns = [path("skills/", MakeSkill.as_view()), path("others/", MakeSkill.as_view())]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


def send(user: User, key: str, body: Any = None, address: str = ADDRESS) -> Any:
    client = APIClient()
    client.force_authenticate(user)
    body = {"code": "a"} if body is None else body
    return client.post(address, body, format="json", headers={"Idempotency-Key": key})


def test_the_first_answer_comes_back_with_status_and_headers() -> None:
    user = make_user()
    first, again = send(user, "k"), send(user, "k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again["Location"] == first["Location"] == "/skills/a/"
    assert again["Content-Type"] == "application/json"
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert Skill.objects.count() == 1


def test_without_a_key_each_request_counts() -> None:
    user = make_user()
    client = APIClient()
    client.force_authenticate(user)
    for _ in range(2):
        client.post(ADDRESS, {"code": "a"}, format="json")
    assert Skill.objects.count() == 2
    assert not RepeatKey.objects.exists()


def test_another_body_or_address_is_refused() -> None:
    user = make_user()
    send(user, "k")
    for answer in (send(user, "k", {"code": "b"}), send(user, "k", address="/others/")):
        assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM_JSON)
        assert answer.json()["code"] == "key_reused"
    assert Skill.objects.count() == 1


def test_another_file_of_the_same_name_and_size_is_another_body() -> None:
    client = APIClient()
    client.force_authenticate(make_user())

    def upload(content: bytes) -> Any:
        body = {"code": "a", "file": SimpleUploadedFile("skills.csv", content)}
        return client.post(ADDRESS, body, format="multipart", headers={"Idempotency-Key": "k"})

    assert [upload(each).status_code for each in (b"one", b"one", b"two")] == [201, 201, 422]
    assert Skill.objects.count() == 1


def test_keys_of_two_people_never_meet() -> None:
    assert [send(make_user(), "k").json()["count"] for _ in range(2)] == [1, 2]


@pytest.mark.parametrize("other", ["role", "department"])
def test_whose_rights_were_withdrawn_is_not_given_the_answer_of_then(other: str) -> None:
    user = make_user(Role.SUPERVISOR, department=make_department())
    first = send(user, "k")
    less: dict[str, Any] = {"role": Role.EMPLOYEE, "department": None}
    user.grants.update(**(less if other == "role" else {"department": make_department()}))
    forget_roles(user)
    refused = send(user, "k")
    assert (first.status_code, refused.status_code) == (201, 403)
    assert refused["Content-Type"] == PROBLEM_JSON
    user.grants.update(role=Role.PLANNER, department=None)
    forget_roles(user)
    again = send(user, "k")
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true"), "more rights do no harm"
    assert Skill.objects.count() == 1


def test_what_was_refused_had_no_effect_and_may_be_tried_again() -> None:
    user = make_user()
    assert send(user, "k", {"code": "no"}).status_code == 409
    assert not Skill.objects.exists()
    assert not RepeatKey.objects.exists()
    assert send(user, "k").status_code == 201


def test_a_crash_between_effect_and_answer_leaves_neither() -> None:
    user = make_user()
    CRASH.now = True
    try:
        with pytest.raises(SystemExit):
            send(user, "k")
    finally:
        CRASH.now = False
    assert not Skill.objects.exists()
    assert send(user, "k").json() == {"count": 1}


def test_fifty_at_once_have_one_effect() -> None:
    user = make_user()
    answers = at_once(*[lambda: send(user, "k")] * 50)
    assert [getattr(answer, "status_code", answer) for answer in answers] == [201] * 50
    assert {answer.content for answer in answers} == {answers[0].content}
    assert sum("Idempotency-Replayed" not in answer for answer in answers) == 1
    assert Skill.objects.count() == 1


def test_one_that_is_carried_out_for_long_lets_the_other_go(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()
    monkeypatch.setattr(idempotency, "WAIT_S", 0.2)

    def other() -> Any:
        return send(user, "k")

    with transaction.atomic():
        idempotency.claim(owner=f"user:{user.pk}", key="k", method="POST", path=ADDRESS, body_sha256="0" * 64)
        (answer,) = at_once(other)
    assert (answer.status_code, answer["Content-Type"]) == (409, PROBLEM_JSON)
    assert answer["Retry-After"] == "0.2"


def test_a_claim_leaves_the_waiting_time_of_other_locks_alone() -> None:
    with transaction.atomic():
        idempotency.claim(owner="user:1", key="k", method="POST", path=ADDRESS, body_sha256="")
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout')")
            assert cursor.fetchone() == ("0",)


def test_a_key_is_forgotten_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()
    send(user, "k")
    send(user, "other")
    later = clock.now() + dt.timedelta(hours=24, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert send(user, "k").json() == {"count": 3}
    assert idempotency.prune() == 1
    assert RepeatKey.objects.get().key == "k"


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ", "a\tb"])
def test_a_key_of_nonsense_is_refused(key: str) -> None:
    with override_settings(ALLOWED_HOSTS=["*"]):
        assert send(make_user(), key).status_code == 400
    assert not Skill.objects.exists()
