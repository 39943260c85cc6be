"""The webhook receiver: any POST is a delivery; what is rightly signed goes into the ledger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.serving.messages import BadRequestError, json_answer, present
from apps.integrations.simulators.serving.simulator import Simulator
from apps.integrations.simulators.webhook_receiver.signatures import SignatureError, verify

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from apps.integrations.simulators.serving.ledger import Ledger
    from apps.integrations.simulators.serving.messages import Answer, Request
    from apps.integrations.simulators.serving.simulator import Table

COLUMNS = ("id", "path", "type", "times", "first", "last", "secrets")


class WebhookReceiver(Simulator):
    """Checks signatures by the secrets of the path, or by those of the command line.

    The ledger has `delivered` (key: the webhook's id; once per arrival) and `refused`.
    """

    name = "webhook-receiver"

    def __init__(
        self, *, seed: int = 1, ledger: Ledger | None = None, options: Namespace | None = None
    ) -> None:
        super().__init__(seed=seed, ledger=ledger, options=options)
        self.secrets: list[str] = list(options.secret) if options else []
        self.secrets_of: dict[str, list[str]] = {}

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--secret", action="append", default=[], help="whsec_…; give two while one replaces the other."
        )

    async def answer(self, request: Request) -> Answer:
        if request.method != "POST":
            return json_answer({"error": "Webhooks come by POST."}, 405)
        secrets = self.secrets_of.get(request.path, self.secrets)
        identifier = request.header("webhook-id")
        try:
            verified = verify(request, secrets, present()) if secrets else []
        except SignatureError as doubt:
            self.ledger.add("refused", identifier, request, path=request.path, reason=str(doubt))
            return json_answer({"error": str(doubt)}, 401)
        self.ledger.add(
            "delivered",
            identifier,
            request,
            path=request.path,
            type=_type_of(request.body),
            timestamp=request.header("webhook-timestamp"),
            secrets=verified,
            body=request.body.decode(errors="replace"),
        )
        return json_answer({"received": True})

    def control(self, request: Request) -> Answer | None:
        match request.method, request.path:
            case "GET", "/_webhooks":
                return json_answer(self.webhooks())
            case "POST", "/_secrets":
                self._take_secrets(request.json())
                return json_answer({"paths": sorted(self.secrets_of)})
        return None

    def _take_secrets(self, wanted: Any) -> None:
        """Take `{secrets: […], path}`; without a path they are those of every other path."""
        secrets = wanted.get("secrets") if isinstance(wanted, dict) else None
        if not isinstance(secrets, list) or not all(isinstance(secret, str) for secret in secrets):
            raise BadRequestError("Send {secrets: [whsec_…], path: /…}.")
        if wanted.get("path"):
            self.secrets_of[str(wanted["path"])] = secrets
        else:
            self.secrets = secrets

    def webhooks(self) -> list[dict[str, Any]]:
        """Give every webhook that was believed: how often it came, when first and last."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for entry in self.ledger.find("delivered"):
            webhook = found.setdefault(
                (entry["key"], entry["path"]),
                {
                    "id": entry["key"],
                    "path": entry["path"],
                    "type": entry["type"],
                    "times": 0,
                    "first": entry["at"],
                    "body": entry["body"],
                },
            )
            webhook.update(times=webhook["times"] + 1, last=entry["at"], secrets=entry["secrets"])
        return list(found.values())

    def state(self) -> dict[str, Any]:
        return {"secrets": len(self.secrets), "paths_with_secrets": sorted(self.secrets_of)}

    def tables(self) -> Sequence[Table]:
        rows = [[webhook[column] for column in COLUMNS] for webhook in self.webhooks()]
        return [("Принятые события", COLUMNS, rows[::-1])]


def _type_of(body: bytes) -> str:
    try:
        content = json.loads(body)
    except ValueError:
        return ""
    return str(content.get("type", "")) if isinstance(content, dict) else ""
