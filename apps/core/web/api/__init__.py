"""What every API view shares: problem documents, pages, filters, tags of versions, keys of repeats, limits.

How an endpoint is added is told in `docs/api.md`.
"""

from apps.core.web.api.filters import KnownFilters, KnownOrdering
from apps.core.web.api.limits import SlidingWindow
from apps.core.web.api.paging import Pages
from apps.core.web.api.problems import PROBLEM_JSON, problem_body, problem_json
from apps.core.web.api.rendering import OrjsonRenderer
from apps.core.web.api.repeats import Repeatable
from apps.core.web.api.tags import content_tag, match_or_refuse, tagged, version_tag
from apps.core.web.api.work import accepted

__all__ = [
    "PROBLEM_JSON",
    "KnownFilters",
    "KnownOrdering",
    "OrjsonRenderer",
    "Pages",
    "Repeatable",
    "SlidingWindow",
    "accepted",
    "content_tag",
    "match_or_refuse",
    "problem_body",
    "problem_json",
    "tagged",
    "version_tag",
]
