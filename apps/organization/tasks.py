from __future__ import annotations

from celery import shared_task

from apps.organization.services.personnel.accounts import close_accounts_of_left


@shared_task(name="organization.close_accounts_of_left")
def close_accounts() -> int:
    """Close the accounts of people who have left; beat sends it every hour, as midnights come by zone."""
    return close_accounts_of_left()
