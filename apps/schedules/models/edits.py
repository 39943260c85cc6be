from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.schedules.choices import EditKind, EditSource, EditState
from apps.schedules.models.planning import ScheduleVariant


class ScheduleEdit(models.Model):
    """One edit of a variant's shifts, undo and redo included: who asked for what, when and from where.

    `number` counts the edits of a variant without a gap. `commands` are kept as asked. `allowed` are
    the findings that the person let pass, `mended` those of before that are no longer as they were: gone,
    eased or worse. `answered` are the findings of before for which somebody had answered, with who and by
    which edit: undo gives exactly these back. Nothing here ever changes but `state` (a trigger holds that).
    """

    variant = models.ForeignKey(
        ScheduleVariant, models.CASCADE, related_name="edit_log", verbose_name=_("variant")
    )
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=20, choices=EditKind)
    commands = models.JSONField(_("commands"), default=list)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    source = models.CharField(_("source"), max_length=10, choices=EditSource, default=EditSource.PAGE)
    request_id = models.CharField(_("request"), max_length=100, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=EditState, default=EditState.DONE)
    reverses = models.ForeignKey(
        "self", models.CASCADE, null=True, related_name="reversals", verbose_name=_("undoes or redoes")
    )
    allowed = models.JSONField(_("let pass"), default=list)
    mended = models.JSONField(_("mended"), default=list)
    answered = models.JSONField(_("let pass before"), default=list)
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("edit")
        verbose_name_plural = _("edits")
        ordering = ("-variant", "-number")
        constraints = (models.UniqueConstraint(fields=["variant", "number"], name="edit_number_once"),)
        indexes = (models.Index(fields=["variant", "actor", "state"], name="edits_by_actor"),)

    def __str__(self) -> str:
        return f"{self.variant}: {self.number}"


class ShiftChange(models.Model):
    """A shift before and after an edit, whole; nothing where it was not there. Never changed (a trigger).

    The shift may be gone, so its id is no foreign key. `employee` is the person of the state after, or, where
    the shift is taken away, of the one before; `former` the person of the state before, where it is another
    one. Whoever may not know of both learns nothing of the change.
    """

    edit = models.ForeignKey(ScheduleEdit, models.CASCADE, related_name="changes", verbose_name=_("edit"))
    shift_id = models.BigIntegerField(_("shift"))
    employee = models.ForeignKey(
        "organization.Employee", models.PROTECT, related_name="+", verbose_name=_("employee")
    )
    former = models.ForeignKey(
        "organization.Employee", models.PROTECT, null=True, related_name="+", verbose_name=_("person before")
    )
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)

    class Meta:
        verbose_name = _("change of a shift")
        verbose_name_plural = _("changes of shifts")
        ordering = ("edit", "shift_id")
        constraints = (
            models.UniqueConstraint(fields=["edit", "shift_id"], name="shift_changes_once_in_an_edit"),
            models.CheckConstraint(
                condition=models.Q(before__isnull=False) | models.Q(after__isnull=False),
                name="change_has_a_side",
            ),
        )
        indexes = (models.Index(fields=["shift_id", "edit"], name="changes_of_a_shift"),)

    def __str__(self) -> str:
        return f"{self.edit}: {self.shift_id}"
