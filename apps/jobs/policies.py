from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


def visible_to(user: AbstractBaseUser | AnonymousUser) -> Q:
    """Give the jobs that `user` may see and cancel: all for staff, else those that the user started."""
    if getattr(user, "is_staff", False):
        return Q()
    return Q(created_by_id=user.pk) if user.pk else Q(pk__in=[])
