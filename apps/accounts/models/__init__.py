"""Who signs in, and the roles they hold."""

from apps.accounts.models.user import RoleGrant, User

__all__ = ["RoleGrant", "User"]
