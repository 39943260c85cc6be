"""Ids of a source to rows of ours: what was never seen is added, unlinked, unclassified, and so reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from apps.monitoring.models import AgentLink, AgentStatus, QueueLink, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

log = structlog.get_logger(__name__)
LONGEST_ID = 120
LONGEST_NAME = 200


def source_of(code: str) -> Source:
    """Give the source of a code, made when it is heard of for the first time."""
    found = Source.objects.filter(code=code).first()
    return found or Source.objects.get_or_create(code=code)[0]


def status_ids(source: Source, names: Mapping[str, str]) -> dict[str, int]:
    """Give the row of each code; `names` maps codes to how the source calls them."""
    held = dict(AgentStatus.objects.filter(source=source, code__in=names).values_list("code", "pk"))
    missing = [code for code in names if code not in held]
    if missing:
        AgentStatus.objects.bulk_create(
            [AgentStatus(source=source, code=code, name=names[code][:LONGEST_NAME]) for code in missing],
            ignore_conflicts=True,
        )
        log.info("statuses_unclassified", source=source.code, codes=missing[:20], count=len(missing))
        held |= dict(AgentStatus.objects.filter(source=source, code__in=missing).values_list("code", "pk"))
    return held


def agent_ids(source: Source, ids: Iterable[str]) -> dict[str, int]:
    """Give the link of each agent."""
    wanted = sorted(set(ids))
    held = dict(
        AgentLink.objects.filter(source=source, external_id__in=wanted).values_list("external_id", "pk")
    )
    missing = [name for name in wanted if name not in held]
    if missing:
        AgentLink.objects.bulk_create(
            [AgentLink(source=source, external_id=name) for name in missing], ignore_conflicts=True
        )
        log.info("agents_unknown", source=source.code, count=len(missing))
        held |= dict(
            AgentLink.objects.filter(source=source, external_id__in=missing).values_list("external_id", "pk")
        )
    return held


def group_ids(source: Source, services: Mapping[str, str]) -> dict[str, int]:
    """Give the link of each group; `services` maps groups to the service they belong to there."""
    held = dict(
        QueueLink.objects.filter(source=source, external_id__in=services).values_list("external_id", "pk")
    )
    missing = [name for name in services if name not in held]
    if missing:
        QueueLink.objects.bulk_create(
            [QueueLink(source=source, external_id=name, service_id_there=services[name]) for name in missing],
            ignore_conflicts=True,
        )
        log.info("groups_unknown", source=source.code, count=len(missing))
        held |= dict(
            QueueLink.objects.filter(source=source, external_id__in=missing).values_list("external_id", "pk")
        )
    return held
