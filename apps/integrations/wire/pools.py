"""Connections that are kept open between calls: per process and connection, used by any of its threads."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import httpcore

from apps.integrations.wire.streams import BoundedBackend
from apps.integrations.wire.tls import tls_context

if TYPE_CHECKING:
    import ssl

KEEPALIVE_S = 4.0  # under the 5 s after which common servers close an idle connection
MOST_OPEN = 100
MOST_IDLE = 20

_Key = tuple[int, int, bool]


class _Pools:
    """The pools of this process; a child of a fork begins with none and leaves its parent's alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pools: dict[_Key, httpcore.ConnectionPool] = {}
        self._contexts: dict[int, ssl.SSLContext] = {}
        self._of_the_parent: list[object] = []

    def find(self, connection_id: int, context: ssl.SSLContext, *, kept: bool) -> httpcore.ConnectionPool:
        key = (connection_id, id(context), kept)
        with self._lock:
            pool = self._pools.get(key)
            if pool is None:
                self._contexts[id(context)] = context  # an id is good as long as its object lives
                pool = self._pools[key] = httpcore.ConnectionPool(
                    ssl_context=context,
                    max_connections=MOST_OPEN,
                    max_keepalive_connections=MOST_IDLE if kept else 0,
                    keepalive_expiry=KEEPALIVE_S,
                    network_backend=BoundedBackend(),
                )
            return pool

    def close(self) -> None:
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.close()

    def forget(self) -> None:
        self._of_the_parent.append(self._pools)  # not closed: the sockets are the parent's
        self._lock = threading.Lock()
        self._pools = {}


_pools = _Pools()
os.register_at_fork(after_in_child=_pools.forget)


def pool_of(connection_id: int, ca_file: str, *, kept: bool) -> httpcore.ConnectionPool:
    """Give the pool of a connection; `kept` false: each call makes a connection of its own.

    Raises `ConfigurationError` when the issuer's file cannot be read.
    """
    return _pools.find(connection_id, tls_context(ca_file), kept=kept)


def close_pools() -> None:
    """Close what is open and idle: at the end of a process."""
    _pools.close()
