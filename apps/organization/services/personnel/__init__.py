"""Take over what another system says of many people at once: first as a plan, then applied.

The number of queries does not depend on the number of people, a bad person never stops the others, and what
is already so is not written.
"""

from apps.organization.services.personnel.applying import LOCK, apply_people
from apps.organization.services.personnel.planning import plan_people

__all__ = ["LOCK", "apply_people", "plan_people"]
