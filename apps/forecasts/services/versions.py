"""Versions of a queue's forecast: numbered, activated one at a time, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.audit.services import record
from apps.core.errors import ConflictError, NotFoundError
from apps.core.locks import advisory_lock
from apps.forecasts.choices import VersionState
from apps.forecasts.models import ForecastVersion

if TYPE_CHECKING:
    from apps.accounts.models import User


@transaction.atomic
def activate_version(*, version_id: int, actor: User | None) -> ForecastVersion:
    """Make a version the one that is planned from; active ones that it overlaps are archived with it."""
    require(actor, Capability.RUN_FORECAST)
    version = locked_version(version_id)
    if version.state == VersionState.ACTIVE:
        return version
    before = version.state
    archived = put_in_force(version)
    record(
        action="forecasts.activate",
        obj=version,
        actor=actor,
        before={"state": str(before)},
        after={"state": str(version.state), "archived": archived},
    )
    return version


@transaction.atomic
def archive_version(*, version_id: int, actor: User | None) -> ForecastVersion:
    """Take a version out of use; its numbers stay."""
    require(actor, Capability.RUN_FORECAST)
    version = locked_version(version_id)
    if version.state == VersionState.ARCHIVED:
        raise ConflictError(_("The version is archived already."))
    before = version.state
    version.state = VersionState.ARCHIVED
    version.save(update_fields=["state"])
    record(
        action="forecasts.archive",
        obj=version,
        actor=actor,
        before={"state": str(before)},
        after={"state": str(version.state)},
    )
    return version


def lock_versions(queue_id: int) -> None:
    """Order the changes of a queue's versions: their numbers and which of them is active."""
    advisory_lock(f"forecasts.versions:{queue_id}")


def locked_version(version_id: int) -> ForecastVersion:
    """Give a version as it is once the changes before this one have committed."""
    found = ForecastVersion.objects.filter(pk=version_id).values_list("queue_id", flat=True).first()
    if found is None:
        raise NotFoundError(_("There is no forecast version %(id)s.") % {"id": version_id})
    lock_versions(found)
    return ForecastVersion.objects.select_related("queue").get(pk=version_id)


def next_number(queue_id: int) -> int:
    """Give the number of the next version; call it under `lock_versions`."""
    last = ForecastVersion.objects.filter(queue=queue_id).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def put_in_force(version: ForecastVersion) -> list[int]:
    """Activate a version under `lock_versions` and archive the active ones it overlaps; give their ids."""
    overlapping = ForecastVersion.objects.filter(
        queue=version.queue_id, state=VersionState.ACTIVE, start__lt=version.end, end__gt=version.start
    ).exclude(pk=version.pk)
    archived = sorted(overlapping.values_list("pk", flat=True))
    overlapping.update(state=VersionState.ARCHIVED)
    version.state = VersionState.ACTIVE
    version.save(update_fields=["state"])
    return archived
