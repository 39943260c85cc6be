"""Versions of a queue's forecast: numbered, activated one at a time, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.audit.services import record
from apps.core.errors import ConflictError, DomainError, NotFoundError
from apps.core.events import emit
from apps.core.locks import advisory_lock
from apps.forecasts.choices import Activation, VersionState
from apps.forecasts.models import ForecastActivation, ForecastVersion

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.accounts.models import User


@transaction.atomic
def activate_version(*, version_id: int, actor: User | None, reason: str = "") -> ForecastVersion:
    """Make a version the one that is planned from; active ones that it overlaps are archived with it."""
    require(actor, Capability.RUN_FORECAST)
    version = locked_version(version_id)
    if version.state == VersionState.ACTIVE:
        return version
    before = version.state
    archived = put_in_force(version, actor=actor, reason=reason.strip())
    record(
        action="forecasts.activate",
        obj=version,
        actor=actor,
        before={"state": str(before)},
        after={"state": str(version.state), "archived": archived, "reason": reason.strip()},
    )
    _announce(version, archived, actor, is_rollback=False)
    return version


@transaction.atomic
def roll_back(*, version_id: int, reason: str, actor: User | None) -> list[ForecastVersion]:
    """Take the active version out of use and make those active again that it replaced; give these.

    Rolled back again, it goes on to what the earlier one had replaced, never to and fro.

    Raises
    ------
    NotAllowedError, NotFoundError, DomainError
        The actor may not; there is no such version; no reason is given.
    ConflictError
        The version is not active, replaced none, or another one is active where an earlier one was.

    """
    require(actor, Capability.RUN_FORECAST)
    if not reason.strip():
        raise DomainError(_("Say why."), fields={"reason": [_("Say why.")]})
    version = locked_version(version_id)
    earlier = replaced_by(version)
    if version.state != VersionState.ACTIVE or not earlier:
        raise ConflictError(_("The version is not active, or there is none before it to go back to."))
    version.state = VersionState.ARCHIVED
    version.save(update_fields=["state"])
    for row in earlier:
        _check_free(row)
        row.state = VersionState.ACTIVE
        row.save(update_fields=["state"])
        ForecastActivation.objects.create(
            version=row,
            kind=Activation.ROLLED_BACK,
            replaced=[version.pk],
            reason=reason.strip(),
            created_by=actor,
        )
    record(
        action="forecasts.roll_back",
        obj=version,
        actor=actor,
        before={"state": str(VersionState.ACTIVE)},
        after={
            "state": str(version.state),
            "active_again": [row.pk for row in earlier],
            "reason": reason.strip(),
        },
    )
    for row in earlier:
        _announce(row, [version.pk], actor, is_rollback=True)
    return earlier


def replaced_by(version: ForecastVersion) -> list[ForecastVersion]:
    """Give the versions that stopped being active when this one was activated last, by number."""
    last = version.activations.filter(kind=Activation.ACTIVATED).first()
    earlier = ForecastVersion.objects.filter(pk__in=last.replaced if last else [])
    return list(earlier.select_related("queue").order_by("number"))


def _check_free(version: ForecastVersion) -> None:
    other = _active_over(version).first()
    if other is not None:
        raise ConflictError(
            _("Version %(number)d is active on the same days: archive it first.") % {"number": other.number},
            version_id=other.pk,
        )


def _active_over(version: ForecastVersion) -> QuerySet[ForecastVersion]:
    return ForecastVersion.objects.filter(
        queue=version.queue_id, state=VersionState.ACTIVE, start__lt=version.end, end__gt=version.start
    ).exclude(pk=version.pk)


def _announce(
    version: ForecastVersion, archived: list[int], actor: User | None, *, is_rollback: bool
) -> None:
    emit(
        "forecast.activated",
        aggregate="forecasts.forecastversion",
        aggregate_id=version.pk,
        data={
            "queue_id": version.queue_id,
            "number": version.number,
            "archived": archived,
            "is_rollback": is_rollback,
        },
        actor=actor,
    )


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


def put_in_force(version: ForecastVersion, *, actor: User | None, reason: str = "") -> list[int]:
    """Activate a version under `lock_versions` and archive the active ones it overlaps; give their ids."""
    overlapping = _active_over(version)
    archived = sorted(overlapping.values_list("pk", flat=True))
    overlapping.update(state=VersionState.ARCHIVED)
    version.state = VersionState.ACTIVE
    version.save(update_fields=["state"])
    ForecastActivation.objects.create(version=version, replaced=archived, reason=reason, created_by=actor)
    return archived
