from __future__ import annotations

import pytest
from django.db import connection

from apps.core.errors import ConflictError
from apps.demo.services.guarding import forget_everything
from apps.organization.models import Site
from tests.factories import make_site


@pytest.mark.django_db(transaction=True)
def test_a_database_in_use_is_not_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    make_site()
    other = connection.copy()
    other.ensure_connection()
    try:
        with pytest.raises(ConflictError, match="uses this database now"):
            forget_everything()
    finally:
        other.close()
    assert Site.objects.exists()


@pytest.mark.django_db
def test_a_database_of_somebody_else_is_not_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/wfm")
    with pytest.raises(ConflictError, match="DATABASE_URL"):
        forget_everything()
