"""Who signs in, the roles they hold, and the keys that programs sign with."""

from apps.accounts.models.api_key import ApiKey
from apps.accounts.models.user import RoleGrant, User

__all__ = ["ApiKey", "RoleGrant", "User"]
