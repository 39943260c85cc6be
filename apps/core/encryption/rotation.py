"""Writing everything anew under the newest key, while the product runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast

from apps.core.encryption.errors import SealError
from apps.core.encryption.fields import EncryptedField
from apps.core.encryption.keys import key_ring
from apps.core.encryption.sealing import VERSION, open_sealed, seal

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH = 200


@dataclass
class Rotated:
    """What a rotation did: how many values were written anew, and which could not be opened."""

    key: str
    written: int = 0
    broken: list[str] = field(default_factory=list)


def rotate(batch: int = BATCH) -> Rotated:
    """Seal every value under the newest key; may run again, beside itself and beside whoever sets secrets.

    Each batch is a short transaction that locks its rows; what was written under the newest key meanwhile is
    left alone. A value that does not open is named and stays. Raises `WrongKeysError`.
    """
    outcome = Rotated(next(iter(key_ring())))
    for model, name in encrypted_fields():
        after: Any = None
        while (last := _one_batch(model, name, after, batch, outcome)) is not None:
            after = last
    return outcome


def encrypted_fields() -> Iterator[tuple[type[models.Model], EncryptedField]]:
    """Give every encrypted field with its model."""
    for model in apps.get_models():
        for one in model._meta.local_fields:  # noqa: SLF001 - Django's public interface
            if isinstance(one, EncryptedField):
                yield model, one


def keys_in_use() -> dict[str, int]:
    """Count stored values by the name of their key."""
    counts: dict[str, int] = {}
    for model, one in encrypted_fields():
        for sealed in (
            _rows(model).exclude(**{f"{one.attname}__isnull": True}).values_list(one.attname, flat=True)
        ):
            counts[sealed.key] = counts.get(sealed.key, 0) + 1
    return counts


def _rows(model: type[models.Model]) -> models.Manager[Any]:
    return model._default_manager  # noqa: SLF001 - Django's public interface


@transaction.atomic
def _one_batch(
    model: type[models.Model], one: EncryptedField, after: Any, batch: int, outcome: Rotated
) -> Any:
    rows = (
        _rows(model)
        .annotate(_sealed=Cast(one.attname, models.TextField()))
        .exclude(_sealed__startswith=f"{VERSION}:{outcome.key}:")
    )
    rows = rows.exclude(_sealed__isnull=True)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    locked = list(rows.order_by("pk").select_for_update().values_list("pk", one.attname)[:batch])
    for pk, sealed in locked:
        place = one.place(pk)
        try:
            renewed = seal(open_sealed(sealed, place), place)
        except SealError as error:
            outcome.broken.append(str(error))
            continue
        _rows(model).filter(pk=pk).update(**{one.attname: renewed})
        outcome.written += 1
    return locked[-1][0] if locked else None
