"""Who sees which variants; whose rows in them is `organization.policies.employees_visible_to`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.accounts.policies import Capability, may
from apps.schedules.choices import VariantState
from apps.schedules.models import ScheduleVariant

if TYPE_CHECKING:
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
