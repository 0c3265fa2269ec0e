"""Somebody who made an account with the address of somebody else, and leaves every way in open."""

from typing import Any

from werkzeug.test import TestResponse

from authserver.federation.models import ProviderToken
from authserver.links.policy import Purpose
from tests.attacks.mailed import NEW, TEMPLATES, send_verification
from tests.attacks.people import Scene
from tests.support.authenticator import App, codes_on, halfway, secret_on, where
from tests.support.browser import Browser
from tests.support.factors import set_policy
from tests.support.mails import links, path_of
from tests.support.passkeys import SoftKey, added
from tests.support.proofs import House, answer
from tests.support.world import World

TRUST = "__Host-as-trust"


class Squatter:
    """Has a passkey, an app, backup codes, a trusted and a known browser, a sign-in half done.

    And an identity at a provider, of which the server keeps tokens.
    """

    def __init__(self, world: World) -> None:
        self.world, self.scene = world, Scene(world)
        self.tenant, self.client = self.scene.tenant, self.scene.client
        self.person = self.scene.person = world.user(self.tenant, verified=False)
        set_policy(world, self.tenant, trusted_device_days=7)
        self.browser, self.key = Browser(world), SoftKey()
        self.browser.code(self.client, self.person)
        self.codes = codes_on(self.browser.follow(added(self.browser, self.key)))
        page = self.browser.get("/account/factors/add")
        self.app = App(world, secret_on(page))
        assert self.browser.submit(page, code=self.app.code()).status_code == 303
        self.trusted, self.half = Browser(world), Browser(world)
        world.clock.move(seconds=30)
        page = self.at_the_code(self.trusted)
        assert self.trusted.submit(page, code=self.app.code(), trust="yes").status_code == 303
        assert self.trusted.http.get_cookie(TRUST, "auth.example")
        world.clock.move(seconds=30)
        self.half_page = self.at_the_code(self.half)
        self.half.submit(self.half_page, code=self.app.wrong())
        stranger = Browser(world)
        stranger.sign_in(stranger.authorize(self.client), self.person, password="Wrong-Horse-7")
        self.house, self.said = House(world, self.tenant), answer()
        self.google = self.house.connect(keeps_tokens=True)
        self._keep_tokens(self.house.link(self.person, self.google, self.said))

    def _keep_tokens(self, identity_id: str) -> None:
        row = ProviderToken(
            identity_id=identity_id,
            user_id=self.person.id,
            access_token=b"sealed",
            scope="",
            updated_at=self.world.clock.now(),
        )
        self.house.write(lambda tx: tx.tenant(self.tenant.id).merge(row) and None)

    def at_the_code(self, browser: Browser) -> TestResponse:
        """Type the password, and return the page for the code; the one for the passkey is first."""
        page = halfway(browser, self.client, self.person)
        assert where(page) == "/login/mfa/passkey"
        flow = browser.follow(page).request.args["flow"]
        return browser.get("/login/mfa", query_string={"flow": flow, "method": "totp"})

    def offered(self, purpose: Purpose) -> str:
        """Let a link for the first proof be mailed, and return it."""
        self.wanted = self.person.email
        if purpose is Purpose.CHANGE_EMAIL:
            self.wanted = f"owner-{self.tenant.slug}@example.com"
            self.browser.submit(self.browser.get("/account/email"), email=self.wanted)
        elif purpose is Purpose.VERIFY_EMAIL:
            send_verification(self.scene)
        else:
            asked = Browser(self.world)
            page = asked.get("/login/recover")
            asked.submit(page, email=self.person.email, organization=self.tenant.slug)
        return links(self.world, self.person.id, TEMPLATES[purpose])[-1]

    def proves(self, link: str) -> None:
        """Be the owner: follow the link, and choose a password."""
        browser = Browser(self.world)
        page = browser.follow(browser.get(path_of(link)))
        answer = browser.submit(page, password=NEW)
        assert answer.status_code == 303, answer.text
        if not answer.location.endswith("/done"):
            chosen = browser.submit(browser.follow(answer), password=NEW)
            assert chosen.status_code == 303
        self.person.email, self.person.password = self.wanted, NEW

    def rows(self, model: Any) -> int:
        """Return how many rows of a table are the account's."""
        with self.world.services.database.read() as view:
            query = view.tenant(self.tenant.id).query(model)
            return int(query.filter_by(user_id=self.person.id).count())
