"""The part of the story about what is beyond the code flow: devices, proofs, exchanges, and more.

Clients register and end, other issuers vouch, clients are told of ends of sessions, and people of
the platform come in for a while.
"""

from typing import Any

from authserver.audit.events import EventType as Type
from authserver.cli.logouts import retry_noted
from authserver.clients.options import Options
from authserver.core.jose import SigningKey, generate_private_key
from authserver.oauth.logout.queue import Claim
from tests.admin.callers import person as caller
from tests.flows.entry_story import Change, EntryStory
from tests.spec import devices, exchanging, vouching
from tests.spec.tools import API
from tests.support.holder import BoundParty, Holder
from tests.support.registering import initial_token, registrar

WRONG_CODES = 5  # and with the last one nothing more is taken from there
REFUSED = "the server answered with status 400"


class ProtocolStory(EntryStory):
    """Devices, services and other issuers come to the tenant, with what is theirs."""

    def access(self, *, close: bool) -> Change:
        """Open the tenant to somebody of the platform, or close it to them again."""
        who, path = caller(self.world, "PLATFORM_ADMIN"), f"/tenants/{self.tenant.id}/access"
        asked = {"reason": "A customer cannot sign in, ticket 4711", "minutes": 15}
        if not close:
            return lambda: who.call("POST", path, asked)
        assert who.call("POST", path, asked).status_code == 201
        return lambda: who.call("DELETE", path)

    def undelivered(self) -> tuple[Claim, Change]:
        """Sign out of a client that shall be told; return the worker's claim, and its giving up."""
        options = Options(backchannel_logout_uri="https://told.example/rp")
        client = self.world.client(self.tenant, first_party=True, options=options)
        browser, queue = self.browser(), self.services.logout.queue
        self.party(client).redeem(browser.code(client, self.person))
        browser.submit(browser.get("/login/logout"))
        queue.sweep()
        (claim,) = [one for one in queue.claim(1000, of_each=1) if one.client_id == client.id]
        return claim, lambda: queue.given_up(claim, REFUSED)

    def retry_logout(self) -> Change:
        """Do what `authserver logouts retry` does."""
        claim, give_up = self.undelivered()
        give_up()
        return lambda: retry_noted(self.services, [claim.id])

    def ask_by_device(self) -> Change:
        party = self.party(self.world.client(self.tenant, "device", audiences=[API]))
        return lambda: party.send("device_authorization", {"scope": devices.SCOPE}).json

    def enter_code(self) -> Change:
        browser, given = self.browser(), self.ask_by_device()()
        page = browser.get("/device")
        return lambda: browser.submit(page, user_code=given["user_code"])

    def decide(self, decision: str) -> Change:
        """Say it on the page before: the device is told where that page leads back to."""
        browser, given = self.browser(), self.ask_by_device()()
        page = devices.arrive(browser, given["user_code"], self.person)
        said = browser.submit(page, decision=decision)
        return lambda: browser.follow(said)

    def guess_codes(self) -> Change:
        """Guess from somewhere of its own: where guessing ended, nobody else shall be kept out."""
        browser = devices.somewhere(self.world)
        for _ in range(WRONG_CODES - 1):
            devices.enter(browser, "BCDF-GHJK")
        page = browser.get("/device")
        return lambda: browser.submit(page, user_code="BCDF-GHJK")

    def replay_proof(self) -> Change:
        client = self.world.client(self.tenant, "service", audiences=[API])
        holder = Holder(self.world)
        party, proof = BoundParty(self.world, client, holder), holder.proof("/oauth/token")
        form = {"grant_type": "client_credentials"}
        assert party.send("token", form, proof).status_code == 200
        return lambda: party.send("token", form, proof)

    def exchange(self) -> Change:
        return exchanging.chain(self.world).exchange

    def allow_exchange(self) -> Change:
        service = self.world.client(self.tenant, "service", audiences=[API])
        return lambda: exchanging.allow(self.world, service, self.client)

    def bring(self, **wrong: str) -> Change:
        """Let an issuer vouch for a client: rightly, or with a claim that is not right."""
        ours = vouching.vouching(self.world)
        assertion = ours.assertion(**wrong)
        return lambda: ours.bring(assertion)

    def trust_issuer(self) -> Change:
        client = self.world.client(self.tenant, "service", audiences=[API])
        key = SigningKey(generate_private_key("ES256"), "ES256")
        return lambda: vouching.trust(self.world, client, key)

    def change_issuer(self) -> Change:
        ours = vouching.vouching(self.world)
        return lambda: vouching.amend(ours, enabled=False)

    def remove_issuer(self) -> Change:
        ours, service = vouching.vouching(self.world), self.services.assertions
        return self.write(lambda tx: service.remove(tx, ours.tenant.id, "ci", actor=self.by))

    def unregister(self) -> Change:
        at = registrar(self.world)
        document = at.registered()
        return lambda: at.own("DELETE", document)

    def renew_registration(self) -> Change:
        at, service = registrar(self.world), self.services.self_service.registrations
        client_id = at.registered()["client_id"]
        return self.write(
            lambda tx: service.renew_token(tx, at.tenant.id, client_id, actor=self.by)
        )

    def revoke_initial_token(self) -> Change:
        tokens = self.services.self_service.tokens
        token_id, _token = initial_token(self.world, self.tenant)
        return self.write(lambda tx: tokens.revoke(tx, self.tenant.id, token_id, actor=self.by))


STEPS: dict[Type, Any] = {
    Type.TENANT_ACCESS_OPENED: lambda s: s.access(close=False),
    Type.TENANT_ACCESS_CLOSED: lambda s: s.access(close=True),
    Type.LOGOUT_UNDELIVERED: lambda s: s.undelivered()[1],
    Type.LOGOUT_RETRIED: ProtocolStory.retry_logout,
    Type.DEVICE_REQUESTED: ProtocolStory.ask_by_device,
    Type.DEVICE_CODE_ENTERED: ProtocolStory.enter_code,
    Type.DEVICE_APPROVED: lambda s: s.decide("allow"),
    Type.DEVICE_DENIED: lambda s: s.decide("deny"),
    Type.DEVICE_CODES_REFUSED: ProtocolStory.guess_codes,
    Type.PROOF_REPLAYED: ProtocolStory.replay_proof,
    Type.TOKEN_EXCHANGED: ProtocolStory.exchange,
    Type.EXCHANGE_RULES_CHANGED: ProtocolStory.allow_exchange,
    Type.ASSERTION_ACCEPTED: ProtocolStory.bring,
    Type.ASSERTION_REFUSED: lambda s: s.bring(sub="repo:acme/other"),
    Type.ASSERTION_ISSUER_CREATED: ProtocolStory.trust_issuer,
    Type.ASSERTION_ISSUER_CHANGED: ProtocolStory.change_issuer,
    Type.ASSERTION_ISSUER_REMOVED: ProtocolStory.remove_issuer,
    Type.CLIENT_DELETED: ProtocolStory.unregister,
    Type.REGISTRATION_TOKEN_RENEWED: ProtocolStory.renew_registration,
    Type.INITIAL_TOKEN_CREATED: lambda s: lambda: initial_token(s.world, s.tenant),
    Type.INITIAL_TOKEN_REVOKED: ProtocolStory.revoke_initial_token,
}
