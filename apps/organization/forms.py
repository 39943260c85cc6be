"""Forms of the admin: dated rows of one person or department are checked against one another."""

from __future__ import annotations

import datetime as dt
from itertools import combinations
from typing import TYPE_CHECKING, Any

from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _

from apps.organization.choices import Membership

if TYPE_CHECKING:
    from django.db.models import Model

Days = tuple[dt.date, dt.date]


class DatedFormSet(BaseInlineFormSet[Any, Any, Any]):
    """Rows with `valid_from` and `valid_to` of which no two that `exclude_each_other` may share a day.

    The database says so too, but a form set cannot ask it: the parent is not among the values that Django
    validates a row's constraints by.
    """

    def exclude_each_other(self, _one: dict[str, Any], _other: dict[str, Any]) -> bool:
        return True

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms]
        rows = [form for form in kept if form.cleaned_data.get("valid_from")]
        for one, other in combinations(rows, 2):
            (first, last), (other_first, other_last) = _days(one.cleaned_data), _days(other.cleaned_data)
            overlap = first <= other_last and other_first <= last
            if overlap and self.exclude_each_other(one.cleaned_data, other.cleaned_data):
                other.add_error("valid_from", _("These days overlap those of another row."))

    def save_existing_objects(self, commit: bool = True) -> list[Model]:  # noqa: FBT001, FBT002 - Django's signature
        """Save rows that give days up before rows that take them, so that a moved border passes."""
        count = self.initial_form_count()
        self.forms[:count] = sorted(self.forms[:count], key=self._takes_days)
        saved: list[Model] = super().save_existing_objects(commit)
        return saved

    def _takes_days(self, form: Any) -> bool:
        if form in self.deleted_forms:
            return False
        (first, last), (was_first, was_last) = _days(form.cleaned_data), _days(form.initial)
        return first < was_first or last > was_last


class MembershipFormSet(DatedFormSet):
    """One place in a queue at a time, and one main queue."""

    def exclude_each_other(self, one: dict[str, Any], other: dict[str, Any]) -> bool:
        return (
            one.get("queue") == other.get("queue") or one.get("kind") == other.get("kind") == Membership.MAIN
        )


class DeputyFormSet(DatedFormSet):
    """A person stands in once at a time; several persons may at once."""

    def exclude_each_other(self, one: dict[str, Any], other: dict[str, Any]) -> bool:
        return one.get("employee") == other.get("employee")


def _days(facts: dict[str, Any]) -> Days:
    return facts["valid_from"], facts.get("valid_to") or dt.date.max
