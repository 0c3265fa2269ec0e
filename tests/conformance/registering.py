"""Clients that register themselves, as the dynamic plan has them do for each module."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from werkzeug.test import TestResponse

from authserver.clients.registering.policy import NewInitialToken
from authserver.tenants.policy import TenantPolicy
from tests.conformance.party import RelyingParty
from tests.spec.tools import change
from tests.support.browser import ISSUER, hidden
from tests.support.world import ClientFixture, TenantFixture, World

CALLBACK = "https://rp.example/callback"


@dataclass
class Registry:
    """A tenant that lets clients register, and the token with which they do."""

    world: World
    tenant: TenantFixture
    token: str

    def ask(self, **metadata: Any) -> TestResponse:
        """Register with a document."""
        document = {"redirect_uris": [CALLBACK], "client_name": "Certification", **metadata}
        return self.world.app.test_client().post(
            "/oauth/register",
            base_url=ISSUER,
            json=document,
            headers={"Authorization": f"Bearer {self.token}"},
        )

    def register(self, **metadata: Any) -> tuple[RelyingParty, dict[str, Any]]:
        """Register a client; return it with what it was answered."""
        answer = self.ask(**metadata)
        assert answer.status_code == 201, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        told = dict(answer.json)
        client = ClientFixture(
            told["client_id"], told.get("client_secret"), self.tenant, told["redirect_uris"][0]
        )
        person = self.world.user(self.tenant, "admin")
        return RelyingParty(self.world, client, person), told


def registry(world: World) -> Registry:
    """Let clients register in a new tenant that knows them, PKCE as they like."""
    tenant = world.tenant()
    actor = replace(world.operator, principal=tenant.id)
    wanted = NewInitialToken(
        tenant.id, "Certification", clients=50, life=timedelta(days=1), vouches=True
    )

    def job(tx: Any) -> str:
        world.services.tenants.set_policy(
            tx, tenant.slug, TenantPolicy(client_registration="pkce_optional"), actor=actor
        )
        _, token = world.services.self_service.tokens.create(tx, wanted, actor=actor)
        return str(token)

    return Registry(world, tenant, change(world, job))


def page_of(rp: RelyingParty) -> str:
    """Return the sign-in page and the consent page, one after the other."""
    answer = rp.ask()
    page = rp.browser.follow(answer)
    assert hidden(page)
    back = rp.browser.sign_in(page, rp.person)
    while "/login/consent" not in back.headers["Location"]:
        back = rp.browser.follow(back)
    return page.text + rp.browser.follow(back).text
