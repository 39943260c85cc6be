"""Verifies Standard Webhooks signatures (github.com/standard-webhooks, spec version 1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from apps.integrations.simulators.serving.messages import Request

PREFIX = "whsec_"
TOLERANCE_S = 300
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


class SignatureError(Exception):
    """Why a webhook is not believed."""


def sign(secret: str, identifier: str, timestamp: str, body: bytes) -> str:
    """Give the `v1,…` signature of HMAC-SHA256 over `id.timestamp.body`; raises `SignatureError`."""
    content = f"{identifier}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(secret), content, hashlib.sha256)).decode()


def verify(request: Request, secrets: Sequence[str], now: dt.datetime) -> list[int]:
    """Give the places in `secrets` whose signatures the request carries.

    Raises `SignatureError` for a missing header, a time-stamp more than five minutes off, or no match.
    """
    missing = [name for name in HEADERS if not request.header(name)]
    if missing:
        raise SignatureError(f"there is no header {missing[0]}")
    identifier, timestamp, given = (request.header(name) for name in HEADERS)
    if not timestamp.isdigit():
        raise SignatureError("the time-stamp is no whole number of seconds")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_S:
        raise SignatureError("the time-stamp is more than five minutes off")
    signatures = given.split(" ")
    matching = [
        place
        for place, secret in enumerate(secrets)
        if any(
            hmac.compare_digest(sign(secret, identifier, timestamp, request.body), one) for one in signatures
        )
    ]
    if not matching:
        raise SignatureError("no signature is right")
    return matching


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise SignatureError("the secret is not base64") from error
