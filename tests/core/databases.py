"""Databases of a test's own beside the test database, to which Django's connection is led for a while."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import connection
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def database(name: str) -> Iterator[str]:
    """Make the empty database `name`, use it in the block, drop it."""
    connection.close()
    _administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _administer("CREATE DATABASE {} TEMPLATE template0", name)
    try:
        with used(name):
            yield name
    finally:
        _administer("DROP DATABASE {} WITH (FORCE)", name)


@contextmanager
def used(name: str) -> Iterator[None]:
    """Lead Django's connection to the database `name`."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def parameters() -> dict[str, Any]:
    """Give what psycopg needs to connect as Django does."""
    known = ("dbname", "user", "password", "host", "port")
    return {name: value for name, value in connection.get_connection_params().items() if name in known}


def _administer(statement: str, name: str) -> None:
    with psycopg.connect(**{**parameters(), "dbname": "postgres"}, autocommit=True) as link:
        link.execute(sql.SQL(statement).format(sql.Identifier(name)))
