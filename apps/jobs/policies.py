"""Who sees which jobs. A higher app that knows who sees all of them says so with `sees_all_jobs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


_overseers: list[Callable[[Any], bool]] = []


def sees_all_jobs(function: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Register a predicate of users: whom it names sees and may cancel the jobs of everybody."""
    if function not in _overseers:
        _overseers.append(function)
    return function


def visible_to(user: AbstractBaseUser | AnonymousUser) -> Q:
    """Give the jobs that `user` may see and cancel: all for overseers, one's own for everybody else."""
    if any(oversees(user) for oversees in _overseers):
        return Q()
    return Q(created_by_id=user.pk) if user.pk else Q(pk__in=[])
