"""Who sees and edits which variants; whose rows in them is `organization.policies.employees_visible_to`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, may, require
from apps.core.errors import ConflictError, NotFoundError
from apps.organization.policies import employees_visible_to
from apps.schedules.choices import VariantState
from apps.schedules.models import ScheduleVariant

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from apps.accounts.models import User


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


def editable_people(employee_ids: Collection[int], actor: User | None) -> frozenset[int]:
    """Give those of these people whose shifts `actor` may edit, which are the people the actor may see."""
    if actor is None:
        return frozenset(employee_ids)
    visible = employees_visible_to(actor).filter(pk__in=employee_ids)
    return frozenset(visible.values_list("pk", flat=True))
