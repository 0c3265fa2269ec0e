"""The libraries of Standard Webhooks, from PyPI and npm, take our signatures."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from authserver.webhooks.signing import new_secret, signed
from tests.support.scripts import running_script

BODY = json.dumps({"id": "evt_1", "type": "user.created", "data": {"name": "Grüße"}}).encode()


def message(*keys: str, at: datetime | None = None) -> dict[str, str]:
    return dict(signed("evt_1", BODY, at=at or datetime.now(UTC), keys=keys))


def test_the_library_of_pypi_takes_our_messages_and_no_others() -> None:
    secret, old = new_secret(), new_secret()
    library = Webhook(secret)
    assert library.verify(BODY, message(secret)) == json.loads(BODY)
    assert library.verify(BODY, message(old, secret)) == json.loads(BODY)
    stale = message(secret, at=datetime.now(UTC) - timedelta(minutes=6))
    for headers, body in ((message(old), BODY), (stale, BODY), (message(secret), BODY + b" ")):
        with pytest.raises(WebhookVerificationError):
            library.verify(body, headers)


def test_we_sign_as_the_library_does() -> None:
    secret, now = new_secret(), datetime.now(UTC).replace(microsecond=0)
    theirs = Webhook(secret).sign("evt_1", now, BODY.decode())
    assert message(secret, at=now)["webhook-signature"] == theirs


@pytest.mark.processes
@pytest.mark.node
def test_the_library_of_npm_takes_our_messages_and_no_others(scripts: Path) -> None:
    secret, old = new_secret(), new_secret()
    asked: list[Any] = [message(secret), message(old, secret), message(old)]
    with running_script(
        ["node", "webhooks.mjs"], scripts, secret=secret, body=BODY.decode(), messages=asked
    ) as script:
        assert script.hear() == {"verified": [True, True, False]}
