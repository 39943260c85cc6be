"""One site for all tests of force; each finds every process alive and leaves it so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.force.site import open_site, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.force.site import Site


@pytest.fixture(scope="session")
def whole_site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def site(whole_site: Site) -> Iterator[Site]:
    assert [process.name for process in whole_site.processes if not process.is_alive] == []
    yield whole_site
    whole_site.revive()
    probe = whole_site.start_jobs({})
    wait_for(lambda: whole_site.count_ended(probe), what="the site's recovery")
