"""Text kept in the database for readers of several languages: the message and its figures, not words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN = "%(text)s"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A message id (mark it with `gettext_noop`) and what fills it; `str()` says it in the reader's language.

    A parameter may be a phrase itself.
    """

    message: str = ""
    parameters: Mapping[str, str | int | float | Phrase] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.message:
            return ""
        text = self.message if self.message == PLAIN else gettext(self.message)
        return text % {
            name: str(value) if isinstance(value, Phrase) else value
            for name, value in self.parameters.items()
        }

    def __bool__(self) -> bool:
        return bool(self.message)

    @classmethod
    def plain(cls, text: str) -> Phrase:
        """Give a phrase that reads the same in every language: a name, a file."""
        return cls(PLAIN, {"text": text})

    def as_json(self) -> dict[str, Any]:
        parameters = {
            name: value.as_json() if isinstance(value, Phrase) else value
            for name, value in self.parameters.items()
        }
        return {"message": self.message, "parameters": parameters}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Phrase:
        parameters = {
            name: cls.from_json(value) if isinstance(value, dict) else value
            for name, value in data["parameters"].items()
        }
        return cls(data["message"], parameters)


class PhraseField(models.JSONField):
    """Keeps a `Phrase`."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Phrase:
        if value is None:  # of a row that an outer join did not find
            return Phrase()
        return Phrase.from_json(super().from_db_value(value, expression, connection))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        data = value.as_json() if isinstance(value, Phrase) else value
        return super().get_db_prep_value(data, connection, prepared)
