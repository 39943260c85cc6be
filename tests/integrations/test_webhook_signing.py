"""Signatures against the published example, addresses against the tricks that lead to private networks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import DomainError
from apps.integrations.errors import ConfigurationError
from apps.integrations.services.webhooks.addresses import check_address
from apps.integrations.wire.pinning import Allowed, guard_of
from apps.integrations.wire.webhook import key_of, new_secret, signed_headers

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

# The example of the specification's libraries (standardwebhooks 1.1.0, tests).
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - published
MESSAGE, AT_S, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

PRIVATE = """
127.0.0.1 127.1.2.3 10.0.0.1 172.16.5.4 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 192.0.0.8 198.18.0.1
192.0.2.1 224.0.0.1 240.0.0.1 255.255.255.255 ::1 :: fe80::1 fe80::1%eth0 fc00::1 fd12::1 ff02::1
::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 ::10.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::a00:1
2002:7f00:1:: 2002:c0a8:101::1 2001:0:c0a8:101::f5ff:fffe 2001:db8::1 fec0::1 3fff::1 5f00::1
"""
SPELLINGS = """
https://127.0.0.1/ https://127.1/ https://2130706433/ https://0x7f000001/ https://0177.0.0.1/ https://0x7f.0.0.1/
https://127.0.1/ https://[::1]/ https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/ https://0/ https://0.0.0.0/
https://10.0.0.1:8443/x https://169.254.169.254/latest/meta-data https://[fe80::1]/ https://[fd00::1]/
https://[64:ff9b::7f00:1]/ https://[2002:7f00:1::]/ https://192.168.0.1./ https://127.0.0.1./
"""
WRONG = """
example.com ftp://example.com/ https:// https://user:pw@example.com/ http://example.com/ https://example.com:99999/
javascript:alert(1) https:///x https://@example.com/
"""


def test_the_published_example_is_signed_alike() -> None:
    headers = signed_headers(MESSAGE, AT_S, BODY, [SECRET])
    assert headers["webhook-signature"] == SIGNATURE
    assert headers["webhook-id"] == MESSAGE
    assert headers["webhook-timestamp"] == str(AT_S)


def test_two_secrets_in_force_sign_both() -> None:
    other = new_secret()
    signatures = signed_headers(MESSAGE, AT_S, BODY, [other, SECRET])["webhook-signature"].split()
    assert signatures[1] == SIGNATURE
    content = f"{MESSAGE}.{AT_S}.".encode() + BODY
    expected = base64.b64encode(hmac.new(key_of(other), content, hashlib.sha256).digest()).decode()
    assert signatures[0] == f"v1,{expected}"


def test_new_secrets_differ_and_hold_32_bytes() -> None:
    made = {new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(key_of(secret)) for secret in made} == {32}


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", "whsec_!!!", SECRET.removeprefix("whsec_")])
def test_what_is_no_secret_is_refused(secret: str) -> None:
    with pytest.raises(ConfigurationError):
        key_of(secret)


@pytest.mark.parametrize("address", PRIVATE.split())
def test_private_addresses_are_not_reached(address: str) -> None:
    with pytest.raises(ConfigurationError):
        guard_of(Allowed([]))("example.com", [address])


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "8.8.8.8"])
def test_public_addresses_are_reached(address: str) -> None:
    assert guard_of(Allowed([]))("example.com", [address]) == [address]


def test_of_several_addresses_the_public_ones_are_taken() -> None:
    assert guard_of(Allowed([]))("example.com", ["10.0.0.1", "8.8.8.8"]) == ["8.8.8.8"]


def test_what_is_listed_is_reached_by_name_or_network() -> None:
    guard = guard_of(Allowed(["10.1.0.0/16", "Hooks.Internal"]))
    assert guard("example.com", ["10.1.2.3"]) == ["10.1.2.3"]
    assert guard("hooks.internal.", ["192.168.1.1"]) == ["192.168.1.1"]
    with pytest.raises(ConfigurationError):
        guard("example.com", ["10.2.0.1"])
    with pytest.raises(ConfigurationError):
        guard("evil-hooks.internal.example.com", ["10.2.0.1"])


@given(st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_no_form_of_carrying_a_private_address_gets_through(inner: ipaddress.IPv4Address) -> None:
    number = int(inner)
    carried = [
        ipaddress.IPv6Address(0xFFFF << 32 | number),
        ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | number),
        ipaddress.IPv6Address(0x2002 << 112 | number << 80 | 1),
        ipaddress.IPv6Address(number),
    ]
    for address in carried:
        with pytest.raises(ConfigurationError):
            guard_of(Allowed([]))("example.com", [str(address)])


@pytest.mark.parametrize("url", SPELLINGS.split())
def test_private_addresses_are_refused_at_the_field(url: str, settings: SettingsWrapper) -> None:
    settings.WEBHOOK_ALLOWED_TARGETS = []
    with pytest.raises(DomainError) as refused:
        check_address(url)
    assert refused.value.fields.keys() == {"url"}


@pytest.mark.parametrize("url", ["", "https://a b/", "x" * 400, *WRONG.split()])
def test_what_is_no_good_address_is_refused(url: str) -> None:
    with pytest.raises(DomainError):
        check_address(url)


def test_plain_http_is_for_listed_hosts(settings: SettingsWrapper) -> None:
    settings.WEBHOOK_ALLOWED_TARGETS = ["127.0.0.1", "hooks"]
    assert check_address("http://127.0.0.1:9000/x") == "http://127.0.0.1:9000/x"
    assert check_address("http://hooks/x") == "http://hooks/x"
    with pytest.raises(DomainError):
        check_address("http://127.0.0.2/")
