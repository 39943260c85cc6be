"""Periodic tasks as the scheduler's own admin shows them, without the inline script of its form."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db.models import DateTimeField
from django_celery_beat.admin import PeriodicTaskAdmin as TheirPeriodicTaskAdmin
from django_celery_beat.models import PeriodicTask

admin.site.unregister(PeriodicTask)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(TheirPeriodicTaskAdmin):  # type: ignore[misc]  # the package has no types
    change_form_template = None
    formfield_overrides = {  # one labelled field instead of two unlabelled halves
        DateTimeField: {"form_class": forms.DateTimeField, "widget": forms.DateTimeInput},
    }
