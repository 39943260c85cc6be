"""The demo's connections to its outside systems: made once, their addresses as they are today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.demo.blueprint import ZONE
from apps.demo.services.neighbours import CENTRE, HOST, MCE, ONEC, USER
from apps.integrations.choices import Authentication, Dialect, System
from apps.integrations.models import Connection, WebhookEndpoint
from apps.integrations.services.access import access_to, set_secret
from apps.integrations.services.webhooks.endpoints import change_endpoint, create_endpoint, resume_endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apps.accounts.models import User
    from apps.demo.services.neighbours import Neighbour

WEBHOOK = "Получатель вебхуков (имитатор)"
FACTS: dict[str, dict[str, Any]] = {
    ONEC: {
        "name": "1С:ЗУП (имитатор)",
        "system": System.ONEC,
        "dialect": Dialect.ZUP,
        "options": {"apply": "auto"},
    },
    CENTRE: {
        "name": "Контактный центр (имитатор)",
        "system": System.CONTACT_CENTRE,
        "options": {
            "push": True,
            "push_addresses": [f"{HOST}/32"],
            "system_id": CENTRE,
            "create_queues": True,
            "poll_s": 30,
        },
    },
    MCE: {"name": "MCE/Oktell (имитатор)", "system": System.MCE, "options": {"poll_s": 5}},
}


def connect(neighbours: Mapping[str, Neighbour], *, actor: User) -> dict[str, Connection]:
    """Make the connections of those that are played, or give them today's addresses; by code."""
    made = {}
    for code, facts in FACTS.items():
        if code not in neighbours:
            continue
        neighbour = neighbours[code]
        today = {"base_url": neighbour.url, "username": USER, "authentication": Authentication.BASIC}
        connection, _ = Connection.objects.update_or_create(
            code=code, defaults={"time_zone": ZONE, "is_active": True, **facts, **today}
        )
        if access_to(connection).secrets.get("password") != neighbour.password:
            set_secret(connection, "password", neighbour.password, actor=actor)
        made[code] = connection
    return made


def ensure_webhook(url: str, events: Sequence[str], *, actor: User) -> WebhookEndpoint:
    """Give the demo's webhook, made if there is none and sent to `url` from now on."""
    known = WebhookEndpoint.objects.filter(connection__name=WEBHOOK, closed_at=None).first()
    if known is None:
        return create_endpoint(name=WEBHOOK, url=url, events=events, actor=actor)[0]
    endpoint = change_endpoint(known.pk, url=url, events=events, actor=actor)
    return resume_endpoint(endpoint.pk, actor=actor)


def secret_of(connection: Connection) -> str:
    """Give the secret that signs what is sent to a webhook of the demo."""
    return access_to(connection).secrets["secret"]
