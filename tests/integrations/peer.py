"""A peer on a raw local socket that does what a test says with its bytes; nothing of the product is in it."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from apps.integrations.types import Access

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Script = Callable[[socket.socket, bytes], None]  # (connection, the request as it came)


class Peer:
    """Listens on a port of its own; keeps the requests; calls the script for each."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._script = script
        self._context = context
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _address = self._listening.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=[sock], daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._context:
                sock = self._context.wrap_socket(sock, server_side=True)
            self._open.append(sock)
            while request := _read_request(sock):
                self.requests.append(request)
                self._script(sock, request)
        sock.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


def _read_request(sock: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _separator, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"),
        0,
    )
    while len(body) < length:
        body += sock.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(body: bytes, status: str = "200 OK", *headers: str) -> Script:
    """Give a script that answers every request alike and keeps the connection."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def raw(data: bytes, *, then_close: bool = False) -> Script:
    def script(sock: socket.socket, _request: bytes) -> None:
        sock.sendall(data)
        if then_close:
            sock.shutdown(socket.SHUT_RDWR)

    return script


@contextmanager
def peer(script: Script, context: ssl.SSLContext | None = None) -> Iterator[Peer]:
    serving = Peer(script, context)
    try:
        yield serving
    finally:
        serving.close()


def access_to(port: int, scheme: str = "http", host: str = "127.0.0.1", **changes: object) -> Access:
    facts: dict[str, object] = {
        "connection_id": port,
        "code": "peer",
        "system": "onec",
        "dialect": "zup",
        "base_url": f"{scheme}://{host}:{port}/zup/hs/wfm",
        "time_zone": "Europe/Moscow",
        "authentication": "basic",
        "username": "обмен",
        "secrets": {"password": "п:ароль"},
        "timeout_s": 5,
        "max_answer_bytes": 1_000_000,
        "max_parallel": 5,
        "options": {},
    }
    return Access(**{**facts, **changes})  # type: ignore[arg-type]


class Issuer:
    """A certificate authority of a test and what it signs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test issuer")])
        certificate = (
            self._builder(self._name, self._key.public_key(), days=1)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.ca_file = folder / "issuer.pem"
        self.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, days: int
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=30))
            .not_valid_after(now + dt.timedelta(days=days))
        )

    def server(self, *, name: str = "", days: int = 1) -> ssl.SSLContext:
        """Give a server's context with a certificate for 127.0.0.1, or for the host `name`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject: list[x509.GeneralName] = (
            [x509.DNSName(name)] if name else [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        )
        certificate = (
            self._builder(x509.Name([]), key.public_key(), days)
            .add_extension(x509.SubjectAlternativeName(subject), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        file = self._folder / f"server-{name}-{days}.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context
