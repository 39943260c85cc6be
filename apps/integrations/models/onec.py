"""Whom a connection to 1C knows, and what one run would change of people."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.integrations.choices import ChangeOutcome, PersonAction


class PersonLink(models.Model):
    """A person as a connection names them; only these can vanish from its answers."""

    connection = models.ForeignKey(
        "integrations.Connection",
        models.CASCADE,
        related_name="person_links",
        verbose_name=_("connection"),
    )
    employee = models.ForeignKey(
        "organization.Employee", models.CASCADE, related_name="+", verbose_name=_("employee")
    )
    external_id = models.CharField(_("external id"), max_length=64)

    class Meta:
        verbose_name = _("linked person")
        verbose_name_plural = _("linked people")
        constraints = (
            models.UniqueConstraint(fields=["connection", "external_id"], name="person_linked_once"),
            models.UniqueConstraint(fields=["connection", "employee"], name="employee_linked_once"),
        )

    def __str__(self) -> str:
        return f"{self.connection}: {self.external_id}"


class PlannedChange(models.Model):
    """What a run would do, or did, with one person: the fields with old and new, for whoever decides.

    `wanted` is what the other system said: it is compared anew when the change is applied.
    """

    run = models.ForeignKey("integrations.Run", models.CASCADE, related_name="changes", verbose_name=_("run"))
    external_id = models.CharField(_("external id"), max_length=64)
    action = models.CharField(_("action"), max_length=8, choices=PersonAction)
    name = models.CharField(_("name"), max_length=260)
    personnel_number = models.CharField(_("personnel number"), max_length=20, blank=True)
    employee = models.ForeignKey(
        "organization.Employee",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("employee"),
    )
    fields = models.JSONField(_("fields, old and new"), default=dict, encoder=DjangoJSONEncoder)
    wanted = models.JSONField(_("wanted"), default=dict, encoder=DjangoJSONEncoder)
    has_vanished = models.BooleanField(_("is not in the answer"), default=False)
    outcome = models.CharField(
        _("outcome"), max_length=8, choices=ChangeOutcome, default=ChangeOutcome.WAITING
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("planned change")
        verbose_name_plural = _("planned changes")
        ordering = ("run", "name", "pk")
        indexes = (models.Index(fields=["run", "action", "name"], name="planned_change_of_run"),)

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.name}"
