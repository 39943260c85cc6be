"""Standard Webhooks: secrets, signatures, bodies (the public specification, version 1).

The signature is HMAC-SHA256 over `id.timestamp.body`, in base64 behind `v1,`; during a rotation the header
holds one for each secret. A secret is 24 to 64 random bytes in base64 behind `whsec_`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
FEWEST_BYTES, MOST_BYTES, NEW_BYTES = 24, 64, 32
NO_SECRET = gettext_noop("A webhook secret is whsec_ and 24 to 64 bytes in base64.")


def new_secret() -> str:
    """Make a secret of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(NEW_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """Give the bytes of a secret; raises `ConfigurationError` when it is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ConfigurationError(Phrase(NO_SECRET), sent=False) from error
    if not secret.startswith(PREFIX) or not FEWEST_BYTES <= len(key) <= MOST_BYTES:
        raise ConfigurationError(Phrase(NO_SECRET), sent=False)
    return key


def signed_headers(
    message_id: str, timestamp_s: int, body: bytes, secrets_in_force: Sequence[str]
) -> Mapping[str, str]:
    """Give the headers of one attempt; `timestamp_s` is its own instant, in seconds of the epoch."""
    content = b".".join((message_id.encode(), str(timestamp_s).encode(), body))
    signatures = [
        base64.b64encode(hmac.new(key_of(secret), content, hashlib.sha256).digest()).decode()
        for secret in secrets_in_force
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
        "content-type": "application/json",
    }
