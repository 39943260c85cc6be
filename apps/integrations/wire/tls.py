"""TLS with verified certificates, and what a failed handshake means in words."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.errors import ConfigurationError, ExchangeError, TemporaryError

EXPIRED, NOT_YET_VALID, WRONG_NAME, WRONG_ADDRESS = 10, 9, 62, 64
UNKNOWN_ISSUER = {2, 18, 19, 20, 21}  # X509_V_ERR_*: no issuer, self-signed, not in the chain, unverifiable
CONTEXTS_KEPT = 64
WORDS = {
    EXPIRED: gettext_noop("The certificate of %(host)s has expired."),
    NOT_YET_VALID: gettext_noop("The certificate of %(host)s is not valid yet: compare the clocks."),
    WRONG_NAME: gettext_noop("The certificate is not for %(host)s: it names other hosts."),
    WRONG_ADDRESS: gettext_noop("The certificate is not for %(host)s: it names other hosts."),
}
UNKNOWN = gettext_noop(
    "The certificate of %(host)s comes from an issuer that is not trusted here: "
    "give the file with the issuer's certificate in the connection."
)
UNVERIFIED = gettext_noop("The certificate of %(host)s is not accepted.")
NO_TLS = gettext_noop("%(host)s does not speak TLS on port %(port)s: does the address begin with http://?")
BROKEN = gettext_noop("No encrypted connection to %(host)s came about.")
NO_FILE = gettext_noop("The file with the issuer's certificate cannot be read: %(file)s.")


def tls_context(ca_file: str) -> ssl.SSLContext:
    """Give the context that verifies peers, by the certificates of `ca_file` or else the system's.

    Raises `ConfigurationError` for a file that cannot be read or holds no certificate.
    """
    try:
        stamp = Path(ca_file).stat().st_mtime_ns if ca_file else 0
        return _context(ca_file, stamp)
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        raise ConfigurationError(Phrase(NO_FILE, {"file": ca_file}), detail=str(error), sent=False) from error


@lru_cache(CONTEXTS_KEPT)
def _context(ca_file: str, _stamp: int) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def handshake_error(error: ssl.SSLError, host: str, port: int) -> ExchangeError:
    """Give the error that says why there is no TLS with `host`; nothing of the request was sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _refused_certificate(error, host)
    if error.reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}:
        return ConfigurationError(Phrase(NO_TLS, {"host": host, "port": port}), detail=str(error), sent=False)
    return TemporaryError(Phrase(BROKEN, {"host": host}), detail=str(error), sent=False)


def _refused_certificate(error: ssl.SSLCertVerificationError, host: str) -> ConfigurationError:
    words = WORDS.get(error.verify_code) or (UNKNOWN if error.verify_code in UNKNOWN_ISSUER else UNVERIFIED)
    return ConfigurationError(Phrase(words, {"host": host}), detail=error.verify_message, sent=False)
