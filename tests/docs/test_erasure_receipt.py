"""docs/privacy.md: its program tells a receipt that proves an erasure from one that does not."""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from authserver.core.jose import read_foreign
from authserver.privacy.erasure.models import Erasure
from authserver.privacy.erasure.receipts import TYPE
from authserver.privacy.erasure.values import By, Whom
from authserver.wiring.people.jobs import make_job_worker
from authserver.wiring.privacy import make_erasures, make_receipts, make_writing
from tests.docs.pages import Page
from tests.support.browser import Browser
from tests.support.world import UserFixture, World
from tests.trail.events import record

pytestmark = pytest.mark.any_database
Verify = Callable[..., "subprocess.CompletedProcess[str]"]
KEYS = "/.well-known/audit-keys"
NOTHING = b64encode(bytes(32)).decode()


@pytest.fixture(name="user")
def _user(world: World) -> UserFixture:
    """Return somebody who was erased, in a trail that went on, beside another tenant's."""
    user, services = world.user(world.tenant()), world.services
    by = By(replace(world.operator, principal=user.tenant.id), user.tenant.id)
    record(world, world.tenant().id, 2)
    services.database.write(
        lambda tx: make_erasures(services).repeat(tx, Whom(user.tenant.id, user.id), by=by)
    )
    make_job_worker(services).work_off()
    record(world, user.tenant.id, 3)
    for _ in range(2):
        services.proving.sequencer.once()
    return user


@pytest.fixture(name="verify")
def _verify(world: World, tmp_path: Path) -> Verify:
    """Return what runs the program on a receipt, with what the server publishes."""
    (tmp_path / "verify_receipt.py").write_text(
        Page.read("docs/privacy.md").block("verify_receipt.py").text
    )
    (tmp_path / "jwks.json").write_text(json.dumps(Browser(world).get("/oauth/jwks").json))
    published = Browser(world).get(KEYS).json

    def run(receipt: str, trail: Any = published) -> "subprocess.CompletedProcess[str]":
        (tmp_path / "receipt.jws").write_text(receipt)
        (tmp_path / "audit-keys.json").write_text(json.dumps(trail))
        return subprocess.run(
            [sys.executable, "verify_receipt.py", "receipt.jws", "jwks.json", "audit-keys.json"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def receipt_of(world: World, user: UserFixture) -> str:
    with world.services.database.read() as view:
        erasure = view.tenant(user.tenant.id).scalars(select(Erasure.id)).one()
        return make_receipts(world.services).of(view, user.tenant.id, erasure)


def test_the_program_of_the_page_proves_a_receipt_by_public_keys_alone(
    world: World, user: UserFixture, verify: Verify
) -> None:
    told = verify(receipt_of(world, user))
    assert (told.returncode, told.stderr) == (0, "")
    assert user.id in told.stdout
    assert "says https://auth.example" in told.stdout
    assert "auth.example/trail\n" in told.stdout, "the checkpoint, to be compared"


def test_a_receipt_that_was_changed_or_of_another_server_is_refused(
    world: World, user: UserFixture, verify: Verify
) -> None:
    receipt = receipt_of(world, user)
    head, body, signature = receipt.split(".")
    forged = f"{head}.{body[:-4]}{'AAAA' if body[-4:] != 'AAAA' else 'BBBB'}.{signature}"
    assert "InvalidSignature" in verify(forged).stderr
    stranger = verify(receipt, {"keys": []})
    assert stranger.stderr == "no known key of the trail signed the checkpoint\n"
    assert stranger.returncode == 1
    later = Browser(world).get(KEYS).json
    for key in later["keys"]:
        key["valid_from"] = "2999-01-01T00:00:00+00:00"
    assert verify(receipt, later).stderr == "the trail's key was not valid yet\n"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"body": "{}"}, "the event is not the one that is in the trail"),
        ({"leaf": NOTHING, "body": None}, "the event is not in the tenant's trail"),
        ({"index": 0}, "the event is not in the tenant's trail"),
        ({"index": 10_000}, "there is no such place in the tree"),
        ({"chain": NOTHING}, "the tenant's trail is not in the checkpoint"),
        ({"tenant": "ten_other", "body": None}, "the tenant's trail is not in the checkpoint"),
        ({"in_log": [NOTHING]}, "the checkpoint is not in the log"),
    ],
)
def test_an_issuer_that_signs_what_is_not_in_its_trail_is_found_out(
    world: World, user: UserFixture, verify: Verify, change: dict[str, Any], why: str
) -> None:
    receipt = receipt_of(world, user)
    claims = dict(read_foreign(receipt, Browser(world).get("/oauth/jwks").json, ["ES256"]))
    lying = {**claims, "log": {**claims["log"], **change}}
    with world.services.database.read() as view:
        signed = make_writing(world.services).signed(view, user.tenant.id, TYPE, lying)
    told = verify(signed)
    assert (told.returncode, told.stderr) == (1, f"{why}\n")
