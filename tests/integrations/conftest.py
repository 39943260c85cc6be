from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import translation

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def in_english() -> Iterator[None]:
    """Reasons read as their message ids."""
    with translation.override("en"):
        yield
