"""Imports from Argus as people look for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from apps.accounts.policies import Capability, require
from apps.core.errors import NotFoundError
from apps.core.phrases import Phrase
from apps.integrations.models import ArgusImport, ArgusRefusal
from apps.organization.models import Queue

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from apps.accounts.models import User


def imports_seen_by(user: User | AnonymousUser) -> QuerySet[ArgusImport]:
    """Give all imports, newest first, to who sees the exchange with other systems."""
    require(user, Capability.VIEW_INTEGRATIONS)
    return ArgusImport.objects.select_related("created_by")


def refusals_of(batch: ArgusImport) -> QuerySet[ArgusRefusal]:
    """Give the refused rows of an import, in order of lines."""
    return batch.refusals.all()


def queue_named(name: str) -> Queue:
    """Find a queue by its code, else its id in the contact centre, else its number here; `NotFoundError`."""
    found = Queue.objects.filter(code=name).first()
    if found is None and name:
        found = Queue.objects.filter(external_id=name).first()
    if found is None and name.isascii() and name.isdigit() and len(name) < len(str(2**63)):
        found = Queue.objects.filter(pk=int(name)).first()
    if found is None:
        raise NotFoundError(Phrase(_("There is no queue %(code)s."), {"code": name[:60]}))
    return found
