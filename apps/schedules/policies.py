"""Who sees and edits which variants; whose rows in them is `organization.policies.employees_visible_to`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, may, require
from apps.core.errors import ConflictError, NotFoundError
from apps.organization.policies import departments_visible_to, employees_visible_to
from apps.schedules.choices import VariantState
from apps.schedules.models import ScheduleVariant, ShiftChange

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleEdit


def variants_visible_to(user: User | AnonymousUser) -> QuerySet[ScheduleVariant]:
    """Give all variants to who plans, the published ones to who supervises, none to others."""
    if may(user, Capability.VIEW_PLANNING):
        return ScheduleVariant.objects.all()
    if may(user, Capability.VIEW_SCHEDULE):
        return ScheduleVariant.objects.filter(state=VariantState.PUBLISHED)
    return ScheduleVariant.objects.none()


def may_edit(user: User | AnonymousUser, variant: ScheduleVariant) -> bool:
    """Tell whether the person may edit shifts of the variant, of the people whom the person sees.

    Who plans edits drafts and what is published, who supervises the published; nobody what is archived.
    """
    if variant.state == VariantState.ARCHIVED or not may(user, Capability.EDIT_SCHEDULE):
        return False
    return variant.state == VariantState.PUBLISHED or may(user, Capability.VIEW_PLANNING)


def editable_variant(variant_id: int, actor: User | None) -> ScheduleVariant:
    """Give the variant with its group, for an edit by `actor` (None: the system).

    Who plans edits drafts and what is published, who supervises what is published, nobody what is archived:
    `NotAllowedError`, `NotFoundError` or `ConflictError` otherwise.
    """
    require(actor, Capability.EDIT_SCHEDULE)
    variants = ScheduleVariant.objects.all() if actor is None else variants_visible_to(actor)
    variant = variants.select_related("group").filter(pk=variant_id).first()
    if variant is None:
        raise NotFoundError(_("There is no variant %(key)s.") % {"key": variant_id})
    refuse_archived(variant)
    return variant


def refuse_archived(variant: ScheduleVariant) -> None:
    if variant.state == VariantState.ARCHIVED:
        raise ConflictError(_("The variant is archived; what is archived is not edited."))


def editable_people(
    variant: ScheduleVariant, employee_ids: Collection[int], actor: User | None
) -> frozenset[int]:
    """Give those of these people whose shifts of the variant `actor` may edit.

    They are people whom the actor sees and whom the variant plans in a department of the actor's: neither the
    own card in another department nor somebody who joins later. Of people who are not planned, those seen are
    given to who plans, so that editing can say what is wrong.
    """
    if actor is None:
        return frozenset(employee_ids)
    people = employees_visible_to(actor).filter(pk__in=employee_ids)
    if not may(actor, Capability.VIEW_PLANNING):
        planned = variant.people.filter(department__in=departments_visible_to(actor))
        people = people.filter(pk__in=planned.values("employee"))
    return frozenset(people.values_list("pk", flat=True))


def changes_visible_to(user: User | AnonymousUser) -> QuerySet[ShiftChange]:
    """Give the changes of shifts of whose people, before and after, `user` sees everybody."""
    visible = employees_visible_to(user).values("pk")
    rows = ShiftChange.objects.filter(employee__in=visible)
    return rows.filter(Q(former__isnull=True) | Q(former__in=visible))


def require_turn(edit: ScheduleEdit, actor: User | None) -> None:
    """Raise `NotAllowedError` unless `actor` may undo and redo the edit: the own ones, and who plans, all."""
    if actor is not None and edit.actor_id != actor.pk:
        require(actor, Capability.VIEW_PLANNING)
