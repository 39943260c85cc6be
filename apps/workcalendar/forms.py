"""Forms of the admin: a calendar from a file, a day set otherwise."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.workcalendar.choices import DayKind
from apps.workcalendar.errors import CalendarFileError
from apps.workcalendar.models import CalendarOverride, CalendarYear
from apps.workcalendar.services.xmlcalendar import MAX_BYTES, parse_xmlcalendar


class CalendarImportForm(forms.ModelForm[CalendarYear]):
    """Takes an xmlcalendar file of one year; what the file says is checked before anything is written."""

    calendar_code = forms.SlugField(label=gettext_lazy("code"), max_length=20, initial="ru")
    calendar_name = forms.CharField(
        label=gettext_lazy("name"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Of a calendar that is new."),
    )
    file = forms.FileField(label=gettext_lazy("xmlcalendar file"))

    class Meta:
        model = CalendarYear
        fields: tuple[str, ...] = ()

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        content = file.read(MAX_BYTES + 1)
        try:
            parse_xmlcalendar(content)
        except CalendarFileError as error:
            raise forms.ValidationError(error.message) from error
        self.cleaned_data["content"] = content
        return file


class OverrideForm(forms.ModelForm[CalendarOverride]):
    class Meta:
        model = CalendarOverride
        fields = ("calendar", "date", "kind", "is_short", "note")

    def clean_note(self) -> str:
        note: str = self.cleaned_data["note"].strip()
        if not note:
            raise forms.ValidationError(_("Say why this day differs from the calendar."))
        return note

    def clean(self) -> dict[str, Any]:
        facts = {**(super().clean() or {})}
        if facts.get("is_short") and facts.get("kind") != DayKind.WORKING:
            self.add_error("is_short", _("Only a working day can be an hour shorter."))
        calendar, date = facts.get("calendar"), facts.get("date")
        if calendar and date and not CalendarYear.objects.filter(calendar=calendar, year=date.year).exists():
            self.add_error(
                "date",
                _("The calendar %(code)s is not filled for %(year)s.")
                % {"code": calendar.code, "year": date.year},
            )
        return facts
