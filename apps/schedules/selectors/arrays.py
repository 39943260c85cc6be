"""Large reads of whole numbers as arrays, instants as seconds since 1970; no row object is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from django.db import connection

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from psycopg.sql import Composable


def int_columns(query: Composable, columns: int) -> NDArray[np.int64]:
    """Run a query of integer columns and give them, shape (columns, rows)."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, columns).T
