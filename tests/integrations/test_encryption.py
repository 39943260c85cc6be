"""Secrets at rest: sealed for their place, rotated while running, nowhere in plain."""

from __future__ import annotations

import base64
import io
import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core import serializers
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.models import AuditEntry
from apps.core.encryption import BrokenSealError, MissingKeyError, Place, Sealed, WrongKeysError
from apps.core.encryption.keys import key_ring, new_entry
from apps.core.encryption.rotation import keys_in_use, rotate
from apps.core.encryption.sealing import open_sealed, seal
from apps.core.errors import DomainError, NotAllowedError, NotFoundError
from apps.integrations.errors import ConfigurationError
from apps.integrations.models import Credential
from apps.integrations.services.access import access_of, accesses_of, set_secret
from tests.concurrency import at_once
from tests.factories import make_user
from tests.factories.integrations import make_connection

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries
    from pytest_django.fixtures import SettingsWrapper

    from apps.integrations.models import Connection

pytestmark = pytest.mark.usefixtures("in_english")

PLANTED = "planted-Секрет-9f3b"
PLACE = Place("integrations_credential", "1", "value")


def sealed_text(pk: UUID) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM integrations_credential WHERE id = %s", [pk])
        return str(cursor.fetchone()[0])


@pytest.fixture
def connected() -> Connection:
    made = make_connection(username="exchange")
    set_secret(made, "password", PLANTED, actor=None)
    return made


@given(st.text(max_size=200))
def test_what_was_sealed_opens_at_its_place_only(plain: str) -> None:
    sealed = seal(plain, PLACE) if _encodable(plain) else None
    if sealed is None:
        return
    assert open_sealed(sealed, PLACE) == plain
    for elsewhere in (
        Place("integrations_credential", "2", "value"),
        Place("integrations_credential", "1", "other"),
        Place("integrations_other", "1", "value"),
    ):
        with pytest.raises(BrokenSealError):
            open_sealed(sealed, elsewhere)


def _encodable(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def test_the_same_secret_is_never_sealed_alike() -> None:
    assert len({seal("same", PLACE).text for _time in range(50)}) == 50


def test_every_changed_bit_is_noticed() -> None:
    sealed = seal("secret", PLACE)
    head, _, text = sealed.text.rpartition(":")
    made = base64.b64decode(text)
    for at in range(len(made)):
        changed = made[:at] + bytes([made[at] ^ 1]) + made[at + 1 :]
        with pytest.raises(BrokenSealError):
            open_sealed(Sealed(f"{head}:{base64.b64encode(changed).decode()}"), PLACE)
    for nonsense in ("", "plain", "1:", "2:key:AAAA", f"{head}:***"):
        with pytest.raises((BrokenSealError, MissingKeyError)):
            open_sealed(Sealed(nonsense), PLACE)


def test_the_key_file_is_made_once_for_its_owner_only(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.FIELD_KEYS_FILE = tmp_path / "keys"
    first = list(key_ring())
    assert list(key_ring()) == first
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600
    settings.FIELD_KEYS_MADE = False
    settings.FIELD_KEYS_FILE = tmp_path / "none"
    with pytest.raises(WrongKeysError, match="is not there"):
        key_ring()


@pytest.mark.parametrize("keys", [["no-colon"], ["a:AAAA"], ["a:!!"], [":AAAA"], [new_entry()] * 2], ids=str)
def test_unusable_keys_are_refused_without_being_shown(settings: SettingsWrapper, keys: list[str]) -> None:
    settings.FIELD_KEYS = keys
    with pytest.raises(WrongKeysError) as caught:
        key_ring()
    assert keys[0].partition(":")[2] not in str(caught.value) or len(keys[0]) < 12


@pytest.mark.django_db
class TestAccess:
    def test_secrets_are_plain_for_a_call_and_nowhere_else(self, connected: Connection) -> None:
        access = access_of(connected.pk)
        assert access.secrets == {"password": PLANTED}
        assert PLANTED not in repr(access)
        credential = Credential.objects.get()
        assert credential.value == PLANTED
        dump = serializers.serialize("json", [credential])
        places = [
            repr(vars(credential)),
            dump,
            sealed_text(credential.pk),
            repr(list(Credential.objects.values())),
            json.dumps(list(AuditEntry.objects.values("before", "after")), default=str),
        ]
        assert not [place for place in places if PLANTED in place]
        (again,) = serializers.deserialize("json", dump)
        again.save()
        assert access_of(connected.pk).secrets == {"password": PLANTED}

    def test_several_are_reached_in_two_queries(
        self, connected: Connection, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        others = [make_connection() for _one in range(5)]
        with django_assert_num_queries(2):
            assert len(accesses_of([connected.pk, *[one.pk for one in others], 0])) == 6

    def test_a_secret_is_replaced_taken_away_and_audited(self, connected: Connection) -> None:
        before = sealed_text(Credential.objects.get().pk)
        set_secret(connected, "password", "newer", actor=None)
        assert access_of(connected.pk).secrets == {"password": "newer"}
        assert sealed_text(Credential.objects.get().pk) != before
        set_secret(connected, "password", "", actor=None)
        assert access_of(connected.pk).secrets == {}
        assert AuditEntry.objects.filter(action="connection.secret_set").count() == 3

    def test_what_is_no_secret_or_not_allowed_is_refused(self, connected: Connection) -> None:
        with pytest.raises(DomainError, match="pin"):
            set_secret(connected, "pin", "1", actor=None)
        with pytest.raises(DomainError, match="1000"):
            set_secret(connected, "password", "x" * 1001, actor=None)
        with pytest.raises(NotAllowedError):
            set_secret(connected, "password", "x", actor=make_user())
        with pytest.raises(NotFoundError):
            access_of(0)

    def test_a_swapped_or_changed_secret_is_told_as_a_wrong_setting(self, connected: Connection) -> None:
        other = make_connection()
        set_secret(other, "password", "of another", actor=None)
        ours, theirs = Credential.objects.order_by("connection")
        with connection.cursor() as cursor:
            swap = "UPDATE integrations_credential SET value = %s WHERE id = %s"
            cursor.execute(swap, [sealed_text(theirs.pk), ours.pk])
        with pytest.raises(ConfigurationError, match="cannot be read") as caught:
            access_of(connected.pk)
        assert not caught.value.sent
        assert access_of(other.pk).secrets == {"password": "of another"}

    @pytest.mark.usefixtures("connected")
    def test_a_secret_is_neither_searched_nor_set_in_bulk(self) -> None:
        with pytest.raises(TypeError, match="secret"):
            Credential.objects.filter(value=PLANTED).exists()
        with pytest.raises(TypeError, match="secret"), transaction.atomic():
            Credential.objects.update(value="plain")
        copy = Credential.objects.get()
        copy.pk, copy.name = uuid4(), "token"
        copy.save()
        with pytest.raises(BrokenSealError):
            _ = Credential.objects.get(name="token").value


@pytest.mark.django_db
class TestRotation:
    def test_everything_is_sealed_anew_and_the_old_key_may_go(
        self, connected: Connection, settings: SettingsWrapper
    ) -> None:
        old, new = new_entry(), new_entry()
        settings.FIELD_KEYS = [old]
        for number in range(5):
            set_secret(make_connection(), "password", f"secret {number}", actor=None)
        Credential.objects.filter(connection=connected).delete()
        settings.FIELD_KEYS = [new, old]
        outcome = rotate(batch=2)
        assert (outcome.written, outcome.broken) == (5, [])
        assert keys_in_use() == {new.partition(":")[0]: 5}
        assert rotate().written == 0
        settings.FIELD_KEYS = [new]
        values = {one.value for one in Credential.objects.all()}
        assert values == {f"secret {number}" for number in range(5)}
        settings.FIELD_KEYS = [old]
        with pytest.raises(MissingKeyError, match=new.partition(":")[0]):
            _ = Credential.objects.order_by("pk")[0].value

    @pytest.mark.usefixtures("connected")
    def test_one_that_does_not_open_is_named_and_the_others_go_on(
        self, settings: SettingsWrapper, tmp_path: Path
    ) -> None:
        broken = Credential.objects.get()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE integrations_credential SET value = '1:gone:AAAA'")
        settings.FIELD_KEYS_FILE = tmp_path / "keys"
        set_secret(make_connection(), "password", "fine", actor=None)
        out, err = io.StringIO(), io.StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("rotate_keys", "--make", stdout=out, stderr=err)
        assert ended.value.code == 1
        assert "1 written anew" in out.getvalue()
        assert str(broken.pk) in err.getvalue()
        assert "still in use: gone" in out.getvalue()
        assert len((tmp_path / "keys").read_text().splitlines()) == 2


@pytest.mark.django_db(transaction=True)
def test_a_rotation_and_those_who_set_secrets_do_not_lose_each_other(
    settings: SettingsWrapper,
) -> None:
    old, new = new_entry(), new_entry()
    settings.FIELD_KEYS = [old]
    connections = [make_connection() for _one in range(10)]
    for one in connections:
        set_secret(one, "password", "old", actor=None)
    settings.FIELD_KEYS = [new, old]

    def set_all() -> int:
        for one in connections:
            set_secret(one, "password", f"new {one.pk}", actor=None)
        return 0

    outcomes = at_once(lambda: rotate(3).written, lambda: rotate(2).written, set_all)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)], outcomes
    assert keys_in_use() == {new.partition(":")[0]: 10}
    assert [access_of(one.pk).secrets["password"] for one in connections] == [
        f"new {one.pk}" for one in connections
    ]


def test_development_keeps_its_keys_in_the_local_state() -> None:
    assert Path(settings.FIELD_KEYS_FILE).parent == settings.VAR_DIR
