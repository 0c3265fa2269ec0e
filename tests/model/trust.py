"""The machine with browsers that their owner trusts: there, and nowhere else, a password signs in.

Trust is worth a session of level 1 and no more. Whoever asks for a second factor, or for a new
sign-in, never gets such a one; and every change of password, factors or the tenant's mind ends it.
"""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from authserver.sessions.service import LiveSession
from authserver.tenants.policy import TenantPolicy
from tests.attacks.factors import MFA
from tests.model.account import DOMAIN, secret_shown
from tests.model.entry import EntryMachine
from tests.model.machine import TABS
from tests.model.people import Tab
from tests.support.authenticator import App
from tests.support.browser import hidden

TRUST = "__Host-as-trust"
ADD = "/account/factors/add"
DAYS = 7
WANTED: list[dict[str, str]] = [{"acr_values": MFA}, {"prompt": "login"}, {}]
AFTER = ["nothing", "another app", "another password", "the option off"]
BY_TRUST = 0  # in `reached`: a session that stands on a password in a trusted browser


class TrustMachine(EntryMachine):
    """One account, in a tenant that may let its people trust a browser."""

    @rule(days=st.sampled_from([DAYS, DAYS, 0]))
    def let_people_trust_browsers(self, days: int) -> None:
        """Switch the option on or off; beside a mandatory factor it cannot be on."""
        if self.is_required:
            return
        tenants, policy = self.world.services.tenants, TenantPolicy(trusted_device_days=days)
        self.write(lambda tx: tenants.set_policy(tx, self.tenant.slug, policy, actor=self.admin))
        self.trust_allowed = days > 0
        if not days:
            self.end_all_trust()

    @rule(tab=TABS)
    def trust_the_browser(self, tab: int) -> None:
        """Let the tenant allow it, and sign in with everything, which ticks the box."""
        self.let_people_trust_browsers(DAYS)
        self.world.clock.move(seconds=30)
        self.sign_in_with_everything(tab)

    @rule(tab=TABS)
    def sign_out(self, tab: int) -> None:
        """End the sessions of a browser; trust in it stays."""
        here = self.tabs[tab]
        page = here.browser.get("/login/logout")
        if "csrf_token" in page.text:
            here.browser.submit(page)
        assert not self.sessions(here)

    @rule(tab=TABS, more=st.sampled_from(WANTED))
    def come_back(self, tab: int, more: dict[str, str]) -> None:
        """Sign out, and in again with the password."""
        self.sign_out(tab)
        self.open_the_client(tab, more, 1)

    @rule(tab=TABS, after=st.sampled_from(AFTER))
    def come_back_to_a_trusted_browser(self, tab: int, after: str) -> None:
        """Trust the browser, change something or nothing, come back: by chance that is rare."""
        self.trust_the_browser(tab)
        if self.tabs[tab].trust is None:  # then an app was set up just now
            self.sign_out(tab)
            self.trust_the_browser(tab)
        if after == "another app":
            self.add_an_app_at_the_account(tab)
        if after == "another password":
            self.change_the_password_at_the_account(tab, "right")
        if after == "the option off":
            self.let_people_trust_browsers(0)
        for more in WANTED:
            self.come_back(tab, more)
            self.who_needs_a_second_factor_has_no_session_without()

    @rule(tab=TABS)
    def copy_the_trust_of_the_other_browser(self, tab: int) -> None:
        """Steal the cookie: it is good until either browser uses it."""
        theirs = self.tabs[1 - tab]
        cookie = theirs.browser.http.get_cookie(TRUST, DOMAIN)
        if cookie is not None:
            mine = self.tabs[tab]
            mine.browser.http.set_cookie(TRUST, cookie.value, domain=DOMAIN, secure=True)
            mine.trust = theirs.trust

    @rule(tab=TABS)
    def add_an_app_at_the_account(self, tab: int) -> None:
        """Add the first app, or another one, whose codes are never used: it ends all trust."""
        here = self.tabs[tab]
        page, levels = here.browser.get(ADD), [live.level for live in self.sessions(here)]
        secret = secret_shown(page)
        if page.status_code != 200 or secret is None:
            return
        first, app = not self.has_factor, App(self.world, secret)
        assert levels, "an app was added by nobody"
        assert first or max(levels) > 1, "an app was added by trust alone"
        code = app.code()
        answer = here.browser.post(ADD, data={**hidden(page), "code": code})
        assert answer.status_code == 303
        if not self.person.app:
            self.person.connects(app, code)
        self.end_all_trust()
        if first:
            self.nothing_counts_any_more()
            for live in self.sessions(here):
                here.justified.add((live.id, live.auth_time, live.level))
        self.arrive(here, answer)

    def end_all_trust(self) -> None:
        """Let no browser be trusted any more; who is signed in stays so."""
        for tab in self.tabs:
            tab.trust = None

    def note_a_session(self, tab: Tab, live: LiveSession) -> None:
        """Judge one without the factor that the person has; a ticked box gives trust with one."""
        if live.level > 1:
            if tab.shown.ticked and self.trust_allowed:
                tab.shown.ticked = False
                self._renew(tab)
            return
        assert tuple(live.amr) == ("pwd",)
        if self.has_factor:
            assert tab.trust is not None, "a password was enough in a browser without trust"
            assert not tab.shown.demanded, "trust was enough for who wanted more"
            tab.by_trust.add((live.id, live.auth_time))
            self.reached.add(BY_TRUST)
            self._renew(tab)

    def _renew(self, tab: Tab) -> None:
        """Give the browser another token: copies of the one before are void."""
        before, tab.trust = tab.trust, object()
        for other in self.tabs:
            if before is not None and other.trust is before:
                other.trust = None
