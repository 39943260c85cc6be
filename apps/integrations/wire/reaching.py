"""Whether anybody answers at an address at all: for systems that have no light call of their own."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import uuid4

from apps.integrations.wire.client import call
from apps.integrations.wire.statuses import status_error

if TYPE_CHECKING:
    from apps.integrations.types import Access

LOOK_TIMEOUT_S = 10.0
ANY_STATUS = range(100, 600)
ILL = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


def reach(access: Access) -> int:
    """Ask for the connection's address itself and give the status: the service there may know it or not.

    Raises the `ExchangeError` family: nobody answers, no sign-in, nothing behind the gateway.
    """
    answer = call(
        access,
        "GET",
        "",
        endpoint="reach",
        session_id=uuid4(),
        accept_status=ANY_STATUS,
        needs_body=False,
        timeout_s=min(access.timeout_s, LOOK_TIMEOUT_S),
    )
    if answer.status in ILL:
        raise status_error(answer.status, answer.headers, answer.body[:1000], access.base_url)
    return answer.status
