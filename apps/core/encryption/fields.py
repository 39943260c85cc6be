"""The field of a secret: plain text in the attribute, sealed in the database and everywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from apps.core.encryption.sealing import Place, Sealed, open_sealed, seal

if TYPE_CHECKING:
    from django.db.models import Model


class Opened(str):
    """The plain text, with what it was opened from: a loaded dump stores that again."""

    __slots__ = ("sealed",)
    sealed: Sealed


class _Opening:
    """Opens the value when it is read; a row that is never asked is never decrypted."""

    def __init__(self, field: EncryptedField) -> None:
        self.field = field

    def __get__(self, instance: Model | None, _owner: type[Model] | None = None) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:
            instance.refresh_from_db(fields=[self.field.attname])  # it was deferred
        value = instance.__dict__[self.field.attname]
        if not isinstance(value, Sealed):
            return value
        opened = Opened(open_sealed(value, self.field.place(instance.pk)))
        opened.sealed = value
        return opened

    def __set__(self, instance: Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedField(models.TextField[Any, Any]):
    """Keeps text sealed for its row, so the primary key has to be known before the row is written.

    A model that uses it has a key made in the program (a UUID). Reading the attribute raises the
    `SealError` family. `values()`, dumps and forms see the sealed text; a lookup or a bulk update by plain
    text is refused, as it would compare or store it.
    """

    descriptor_class = _Opening

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def place(self, pk: object) -> Place:
        options = self.model._meta  # noqa: SLF001 - Django's public interface
        return Place(options.db_table, str(pk), self.attname)

    def pre_save(self, model_instance: Model, add: bool) -> Any:  # noqa: FBT001, ARG002 - Django's signature
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        if model_instance.pk is None:
            raise ValueError("A secret is sealed for its row: give the row its primary key first.")
        sealed = seal(str(value), self.place(model_instance.pk))
        model_instance.__dict__[self.attname] = sealed
        return sealed

    def get_prep_value(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, Opened):
            value = value.sealed
        if isinstance(value, Sealed):
            return value.text
        raise TypeError("A secret is neither searched for nor updated in bulk: set it on its row.")

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def to_python(self, value: Any) -> Sealed | None:
        """Read what a dump holds: always a sealed text."""
        return value if value is None or isinstance(value, Sealed) else Sealed(str(value))

    def value_from_object(self, obj: Model) -> Any:
        value = obj.__dict__.get(self.attname)
        return value if value is None or isinstance(value, Sealed) else self.pre_save(obj, add=True)

    def value_to_string(self, obj: Model) -> str:
        return str(self.value_from_object(obj) or "")
