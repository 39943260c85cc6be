from __future__ import annotations

from django.utils.translation import gettext as _

from apps.accounts.models import ApiKey, User
from apps.core.errors import NotFoundError


def acting_user(user_id: int | None) -> User | None:
    """Give the person for whom work is done, None for the system; `NotFoundError` when the person is gone."""
    if user_id is None:
        return None
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFoundError(_("The person who started this is no longer there."))
    return user


def key_by_digest(secret_sha256: str) -> ApiKey | None:
    """Give the API key with this digest of its secret, revoked or expired ones too, with its user."""
    return ApiKey.objects.select_related("user").filter(secret_sha256=secret_sha256).first()
