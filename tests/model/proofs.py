"""The machine with an account whose address nobody has proved: whoever made it waits for the owner.

The first link to an address that is used, of whatever kind, ends all that was there before. Later
ones end less: a change of address keeps the session of the browser that asked, and all factors.
"""

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from werkzeug.test import TestResponse

from authserver.accounts.directory import snapshot
from authserver.mfa import backup_codes
from authserver.mfa.left import factors_left
from tests.attacks.factors import MFA
from tests.model.machine import TABS
from tests.model.people import Tab
from tests.model.trust import TrustMachine
from tests.support.mails import links, path_of
from tests.support.passkeys import ALONE, SoftKey
from tests.support.world import World

CONFIRM, VERIFY, RECOVER = "/login/email/confirm", "/login/verify", "/login/recover/new"
WAYS = ["another address", "verification", "a new password"]
HAD = ["an app", "a passkey"]


class ProofMachine(TrustMachine):
    """One account that begins unproved."""

    verified = False

    def __init__(self, world: World, reached: set[int]) -> None:
        super().__init__(world, reached)
        self.lost_keys: list[SoftKey] = []
        self.addresses = 0

    @rule(tab=TABS)
    def ask_for_another_address(self, tab: int) -> None:
        """Have a link mailed to another address; only who is signed in with everything can."""
        browser, self.addresses = self.tabs[tab].browser, self.addresses + 1
        page = browser.get("/account/email")
        if page.status_code == 200:
            new = f"a{self.addresses}.{self.tenant.slug}@example.com"
            browser.submit(page, email=new, do="")

    @rule(tab=TABS)
    def use_the_link_to_another_address(self, tab: int) -> None:
        """Press its button: the session of this browser goes on, unless it is the first proof."""
        here, before = self.tabs[tab], self.row()
        levels = [live.level for live in self.sessions(here)]
        answer = self._press(here, "confirm_new_address", CONFIRM)
        if answer is None or self.row().email == before.email:
            return
        self.person.email = self.row().email
        if not before.email_verified:
            self._proved(here)
        else:
            self.nothing_counts_any_more()
            for live in self.sessions(here):
                assert live.level <= max(levels), "a change of address gave more than there was"
                here.justified.add((live.id, live.auth_time, live.level))
        self.arrive(here, answer)

    @rule(tab=TABS)
    def verify_the_address(self, tab: int) -> None:
        """Have a link mailed and press its button, if nobody has proved the address."""
        if self.row().email_verified:
            return
        here, verification = self.tabs[tab], self.world.services.mailed.verification
        self.write(lambda tx: verification.send(tx, snapshot(self.row()), actor=self.admin))
        answer = self._press(here, "verify_email", VERIFY)
        assert answer is not None
        self._proved(here)
        self.arrive(here, answer)

    @rule(tab=TABS, way=st.sampled_from(WAYS), had=st.sampled_from(HAD))
    def wait_for_the_owner_with_everything(self, tab: int, way: str, had: str) -> None:
        """Leave a factor in the account, then be found by the owner: by chance that is rare."""
        if self.row().email_verified:
            return
        self.trust_the_browser(tab)
        if had == "a passkey" and not self.has_factor:
            self.open_the_client(tab, {"acr_values": MFA}, 1)
            self.make_a_passkey(tab)
            self.go_on(tab, 1)
        owner = 1 - tab
        if way == "another address":
            self.ask_for_another_address(tab)
            self.use_the_link_to_another_address(owner)
        elif way == "verification":
            self.verify_the_address(owner)
        else:
            self.ask_for_a_new_password(owner)
            self.follow_a_link(owner, -1, "new_password")
        self.send(self.tabs[owner], self.tabs[owner].page, password="next")
        self.factors_are_those_that_somebody_has()
        self.sign_in_by_a_passkey_of_before(tab)
        self.open_the_client(owner, {}, 1)

    @rule(tab=TABS)
    def sign_in_by_a_passkey_of_before(self, tab: int) -> None:
        """Answer with the keys that went: no session may come of it."""
        here = self.tabs[tab]
        for key in self.lost_keys:
            self.open_the_client(tab, {"prompt": "login"}, 0)
            assert not self._answer(here, ALONE, None, key=key), "a passkey outlived its end"

    @rule()
    def require_another_password(self) -> None:
        """Only of who has one: between the first proof and the choice of a password nobody has."""
        if self.stored is not None:
            super().require_another_password()

    @rule()
    def reset_the_factors(self) -> None:
        """Take every factor away, and remember the passkey."""
        self._lose_the_key()
        super().reset_the_factors()

    @invariant()
    def factors_are_those_that_somebody_has(self) -> None:
        """Ask the server: nobody is asked for what the person never had, or had taken away."""
        with self.world.services.database.read() as view:
            user = snapshot(self.row())
            assert (factors_left(view, user) > 0) is self.has_factor
            assert self.has_factor or not backup_codes.left(view, user)

    @invariant()
    def the_address_is_the_one_whose_link_was_used(self) -> None:
        """Nothing else changes it."""
        assert self.row().email == self.person.email

    def note_a_new_password(
        self, here: Tab, target: str, fields: dict[str, str], answer: TestResponse
    ) -> None:
        """A password by a mailed link is a proof as well."""
        before, proved = self.person.password, self.proved
        super().note_a_new_password(here, target, fields, answer)
        if self.person.password != before and not proved:
            self._proved(here)
            here.links.clear()

    def _proved(self, here: Tab) -> None:
        """Note the first proof: nobody has anything, but for the link to a new password."""
        assert self.row().email_verified
        self.proved = True
        self.person.loses_everything()
        self._lose_the_key()
        self.nothing_counts_any_more()
        self.change_required = False
        self.stored = self.row().password_hash
        for tab in self.tabs:
            tab.links.clear()
        here.links.add(RECOVER)

    def _lose_the_key(self) -> None:
        if self.key is not None:
            self.lost_keys.append(self.key)
        self.key = None

    def _press(self, here: Tab, template: str, path: str) -> TestResponse | None:
        """Follow the newest link of a kind and press the button; None where it is worth nothing."""
        found = links(self.world, self.user_id, template)
        if not found:
            return None
        self.arrive(here, here.browser.get(path_of(found[-1])))
        page = here.page
        if page is None or page.request.path != path or page.status_code != 200:
            return None
        answer = here.browser.submit(page)
        return answer if answer.status_code == 303 else None
