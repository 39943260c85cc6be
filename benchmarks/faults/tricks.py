"""Addresses that look as if they were elsewhere and lead to this machine or into a private network."""

from __future__ import annotations

LOCAL = (
    "localhost",
    "LOCALHOST",
    "localhost.",
    "ip6-localhost",
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "0",
    "0.0.0.0",  # noqa: S104 - called, not bound
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "0177.1",
    "017700000001",
    "2130706433",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[::ffff:0:7f00:1]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "１２７.0.0.1",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
)
PRIVATE = (
    "10.0.0.1",
    "10.1",
    "0xa000001",
    "167772161",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.0.1",
    "192.168.1",
    "3232235521",
    "169.254.169.254",
    "[::ffff:169.254.169.254]",
    "0xa9fea9fe",
    "100.64.0.1",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[64:ff9b::a00:1]",
    "[2002:a00:1::]",
)


def tricks(port: str) -> list[str]:
    """Give the addresses with the port of somebody who listens here."""
    hosts = [f"http://{host}:{port}/trick" for host in (*LOCAL, *PRIVATE)]
    dressed = (
        f"http://example.com@127.0.0.1:{port}/trick",
        f"http://127.0.0.1:{port}#@example.com/trick",
        f"http://127.0.0.1:{port}?@example.com/",
        f"http://example.com:80@127.0.0.1:{port}/trick",
        f"http:\\\\127.0.0.1:{port}\\trick",
        f"http://127.0.0.1\t:{port}/trick",
        f"HTTP://127.0.0.1:{port}/trick",
        f"https://127.0.0.1:{port}/trick",
    )
    return [*hosts, *dressed]
