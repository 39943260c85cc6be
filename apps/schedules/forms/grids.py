"""What a person fills in over the schedule grids."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError
from apps.schedules.types import FilterChoices, GridFilters

ORDERS = (
    ("name", _("Full name")),
    ("department", _("Department")),
    ("site", _("Site")),
    ("-paid", _("Most paid hours")),
    ("paid", _("Least paid hours")),
    ("-violations", _("Most violations")),
)


TIME_LIMITS = (
    ("10", _("10 seconds")),
    ("30", _("30 seconds")),
    ("120", _("2 minutes")),
    ("600", _("10 minutes")),
    ("3600", _("1 hour")),
)


class PlanForm(forms.Form):
    """How long the optimiser may look for a better schedule."""

    time_limit_s = forms.TypedChoiceField(
        label=_("Time for planning"), choices=TIME_LIMITS, initial="120", coerce=float
    )


NO_CHOICES = FilterChoices([], [], [], [])


def _id(value: str) -> int | None:
    return int(value) if value else None


class GridFilterForm(forms.Form):
    """Whom the grid shows, and in which order."""

    name = forms.CharField(
        label=_("Name or number"), required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    department = forms.TypedChoiceField(label=_("Department"), required=False, coerce=_id, empty_value=None)
    site = forms.TypedChoiceField(label=_("Site"), required=False, coerce=_id, empty_value=None)
    work_rule = forms.TypedChoiceField(label=_("Work rule"), required=False, coerce=_id, empty_value=None)
    order = forms.ChoiceField(label=_("Order"), required=False, choices=ORDERS)
    clock = forms.ChoiceField(label=_("Clock"), required=False)
    only_violations = forms.BooleanField(label=_("Only with violations"), required=False)

    def __init__(self, *args: Any, choices: FilterChoices, usual_clock: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clock = self.fields["clock"]
        assert isinstance(clock, forms.ChoiceField)  # noqa: S101 - declared above
        clock.choices = [("", usual_clock), *((zone, zone) for zone in choices.zones)]
        for name, rows in (
            ("department", choices.departments),
            ("site", choices.sites),
            ("work_rule", choices.work_rules),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
            field.choices = [("", _("All")), *((str(pk), text) for pk, text in rows)]
        for name in ("department", "site", "work_rule", "order", "clock", "only_violations"):
            self.fields[name].widget.attrs["data-submits"] = ""

    def as_filters(self) -> GridFilters:
        """Give the filters; `DomainError` names what the address says wrongly."""
        if not self.is_valid():
            raise DomainError(
                str(_("The filter is not valid.")),
                fields={name: [str(text) for text in texts] for name, texts in self.errors.items()},
            )
        values = self.cleaned_data
        return GridFilters(
            department=values["department"],
            site=values["site"],
            work_rule=values["work_rule"],
            name=values["name"],
            only_violations=values["only_violations"],
            order=values["order"] or "name",
            clock=values["clock"],
        )
