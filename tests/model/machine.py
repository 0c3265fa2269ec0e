"""A person, a tenant that changes its mind, and two browsers that send whatever they like.

Each rule is something that somebody may do. What a browser has really proved is noted from what it
sent, never from what the server made of it; after each step the server's sessions, codes and
password are compared with that. So a check that is missing on any path shows, in whatever order.
"""

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from authserver.tenants.policy import TenantPolicy
from tests.attacks.factors import MFA
from tests.model.account import DOMAIN, Account
from tests.model.people import Tab
from tests.support.browser import answered, hidden
from tests.support.mails import links, path_of

PARTIAL = "__Host-as-partial"
HALFWAY = ("/login/mfa", "/login/mfa/setup", "/login/mfa/codes")
PATHS = (
    *HALFWAY, "/login/password", "/login/consent",
    "/login/recover", "/login/recover/new", "/login/recover/unlock", "/login/verify",
    "/account", "/account/security", "/account/profile", "/oauth/authorize",
)  # fmt: skip
TABS = st.integers(0, 1)
MINUTE = 60


class SignInMachine(Account):
    """What everybody may do, and what may never come of it."""

    # What people do.

    @rule(
        tab=TABS,
        more=st.sampled_from([{}, {"acr_values": MFA}, {"prompt": "login"}]),
        times=st.integers(0, 4),
    )
    def open_the_client(self, tab: int, more: dict[str, str], times: int) -> None:
        """Ask for a code: ordinarily, with a second factor, or afresh; and do what pages ask."""
        here = self.tabs[tab]
        self.arrive(here, here.browser.authorize(self.client, **more))
        if more:
            self.demanding.add(_place(here).get("flow", ""))
        self.go_on(tab, times)

    @rule(tab=TABS)
    def sign_in_with_everything(self, tab: int) -> None:
        """Go all the way, as the owner does: far states are rare by chance."""
        self.open_the_client(tab, {"acr_values": MFA}, 4)

    @rule(tab=TABS, path=st.sampled_from(PATHS))
    def look_at(self, tab: int, path: str) -> None:
        """Open a page in the flow that the browser is in, or in none."""
        here = self.tabs[tab]
        self.arrive(here, here.browser.get(path, query_string=_place(here)))

    @rule(
        tab=TABS,
        password=st.sampled_from(["right", "right", "right", "wrong", "next"]),
        code=st.sampled_from(["right", "right", "right", "wrong", "backup"]),
        kept=st.sampled_from([True, True, False]),
        trust=st.booleans(),
    )
    def send_the_page(
        self, tab: int, password: str, code: str, *, kept: bool, trust: bool = True
    ) -> None:
        """Fill in the page that is open, and send it."""
        here = self.tabs[tab]
        self.send(here, here.page, password=password, code=code, kept=kept, trust=trust)

    @rule(tab=TABS, times=st.integers(1, 4))
    def go_on(self, tab: int, times: int) -> None:
        """Do what the pages ask for, as the owner does."""
        here = self.tabs[tab]
        for _ in range(times):
            self.send(here, here.page, password="right")
            self.sessions_have_no_more_than_was_proved()

    @rule(tab=TABS, path=st.sampled_from(PATHS), password=st.sampled_from(["right", "next"]))
    def send_the_page_elsewhere(self, tab: int, path: str, password: str) -> None:
        """Send the fields of the open page to another URL."""
        here = self.tabs[tab]
        self.send(here, here.page, path=path, password=password)

    @rule(tab=TABS, password=st.sampled_from(["right", "next"]))
    def send_the_page_of_the_other_browser(self, tab: int, password: str) -> None:
        """Send what the other browser was shown."""
        self.send(self.tabs[tab], self.tabs[1 - tab].page, password=password)

    @rule(tab=TABS, path=st.sampled_from(HALFWAY), times=st.integers(0, 3))
    def take_the_half_sign_in_of_the_other_browser(self, tab: int, path: str, times: int) -> None:
        """Copy the cookie that names a sign-in of which the password is done, and go on with it."""
        theirs = self.tabs[1 - tab].browser.http.get_cookie(PARTIAL, DOMAIN)
        if theirs is not None:
            mine = self.tabs[tab].browser.http
            mine.set_cookie(PARTIAL, theirs.value, domain=DOMAIN, secure=True)
            self.look_at(tab, path)
            self.go_on(tab, times)

    @rule(tab=TABS)
    def ask_for_a_new_password(self, tab: int) -> None:
        """Let the server send a link."""
        here = self.tabs[tab]
        page = here.browser.get("/login/recover")
        fields = {"email": self.person.email, "organization": self.tenant.slug}
        self.arrive(here, here.browser.submit(page, **fields))

    @rule(
        tab=TABS,
        which=st.sampled_from([-1, -1, -1, 0]),
        template=st.sampled_from(["new_password", "new_password", "account_locked"]),
    )
    def follow_a_link(self, tab: int, which: int, template: str) -> None:
        """Follow the newest or the oldest link of the person's mails."""
        here, found = self.tabs[tab], links(self.world, self.user_id, template)
        if found:
            if template == "new_password":
                here.links.add(found[which])
            self.arrive(here, here.browser.get(path_of(found[which])))

    @rule(seconds=st.sampled_from([30, 30, 6 * MINUTE, 31 * MINUTE, 61 * MINUTE]))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.world.clock.move(seconds=seconds)

    # What administrators do.

    @rule(required=st.booleans())
    def set_the_rule_of_the_tenant(self, *, required: bool) -> None:
        """Make a second factor mandatory, or not."""
        tenants, stricter = self.world.services.tenants, required and not self.is_required
        policy = TenantPolicy(mfa_required=required)
        self.write(lambda tx: tenants.set_policy(tx, self.tenant.slug, policy, actor=self.admin))
        if stricter:
            self.nothing_counts_any_more()
            self.trust_allowed = False

    @rule()
    def reset_the_factors(self) -> None:
        """Take every factor away."""
        factors = self.world.services.factors
        self.write(
            lambda tx: factors.reset(
                tx, self.tenant.id, self.user_id, by=self.admin, reason="lost phone"
            )
        )
        self.person.loses_everything()
        self.nothing_counts_any_more()

    @rule()
    def disable_and_enable(self) -> None:
        """Switch the account off and on: what was proved before is void."""
        accounts = self.world.services.accounts
        for enabled in (False, True):
            self.write(
                lambda tx, enabled=enabled: accounts.set_enabled(
                    tx, self.tenant.id, user_id=self.user_id, enabled=enabled, actor=self.admin
                )
            )
        self.nothing_counts_any_more()

    # What may never be.

    @invariant()
    def sessions_have_no_more_than_was_proved(self) -> None:
        """Compare each new session with what its browser has shown."""
        for tab in self.tabs:
            for live in self.sessions(tab):
                known = (live.id, live.auth_time, live.level)
                if known not in tab.justified:
                    assert live.level <= tab.shown.level, tab.shown
                    self.note_a_session(tab, live)
                tab.justified.add(known)
                self.reached.add(live.level)

    @invariant()
    def who_needs_a_second_factor_has_no_session_without(self) -> None:
        """Compare the sessions with the rule of the tenant and the factors of the person."""
        if self.is_required or self.has_factor:
            for tab in self.tabs:
                for live in self.sessions(tab):
                    known = (live.id, live.auth_time)
                    assert live.level > 1 or (known in tab.by_trust and not self.is_required)

    @invariant()
    def codes_need_the_level_that_they_say(self) -> None:
        """Ask for codes without a page: none claims what was not proved."""
        for tab in self.tabs:
            levels = [live.level for live in self.sessions(tab)]
            for wanted, more in ((1, {}), (2, {"acr_values": MFA})):
                answer = tab.browser.authorize(self.client, prompt="none", **more)
                assert "code" not in answered(answer) or max(levels, default=0) >= wanted

    @invariant()
    def the_password_is_the_one_that_was_set(self) -> None:
        """Nothing sets a password unseen: see `note_a_new_password`."""
        assert self.row().password_hash == self.stored


def _place(here: Tab) -> dict[str, str]:
    """Return the flow that the browser's page belongs to, else a page of the account."""
    page = here.page
    fields = hidden(page) if page is not None else {}
    return {"flow": fields["flow"]} if "flow" in fields else {"to": "overview"}
