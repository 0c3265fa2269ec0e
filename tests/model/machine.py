"""A person, a tenant that changes its mind, and two browsers that send whatever they like.

Each rule is something that somebody may do. What a browser has really proved is noted from what it
sent, never from what the server made of it; after each step the server's sessions, codes and
password are compared with that. So a check that is missing on any path shows, in whatever order.
"""

import re
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select
from werkzeug.test import TestResponse

from authserver.accounts.models import User
from authserver.sessions.service import LiveSession
from authserver.tenants.service import TenantPolicy
from tests.attacks.factors import MFA, SESSION
from tests.model.people import WRONG, Person, Shown, Tab
from tests.support.authenticator import App, codes_on
from tests.support.browser import ISSUER, Browser, answered, hidden
from tests.support.mails import links, path_of
from tests.support.world import World

FIRST = "Correct-Lantern-1"
PARTIAL, DOMAIN = "__Host-as-partial", "auth.example"
HALFWAY = ("/login/mfa", "/login/mfa/setup", "/login/mfa/codes")
PATHS = (
    *HALFWAY, "/login/password", "/login/consent",
    "/login/recover", "/login/recover/new", "/login/recover/unlock", "/login/verify",
    "/account", "/account/security", "/account/profile", "/oauth/authorize",
)  # fmt: skip
TABS = st.integers(0, 1)
MINUTE = 60
_SECRET = re.compile(r'data-copy="([A-Z2-7]{32})"')
_MOST_HOPS = 6


class SignInMachine(RuleBasedStateMachine):
    """One account. `reached` tells which levels there were, so that nobody tests nothing."""

    def __init__(self, world: World, reached: set[int]) -> None:
        super().__init__()
        world.clock.reset()
        self.world, self.reached = world, reached

    @initialize()
    def begin(self) -> None:
        """Make the tenant, its person and its client, and open two browsers."""
        self.tenant = self.world.tenant()
        user = self.world.user(self.tenant)
        self.user_id = user.id
        self.admin = type(self.world.operator)("operator", self.tenant.id, "cor_model")
        self.person = Person(self.world, user.email, FIRST)
        hasher, accounts = self.world.services.hasher, self.world.services.accounts
        self._write(
            lambda tx: accounts.set_password(
                tx,
                self.tenant.id,
                user_id=user.id,
                password_hash=hasher.hash(FIRST),
                actor=self.admin,
            )
        )
        self.stored = self._row().password_hash
        self.client = self.world.client(self.tenant)
        self.tabs = [Tab(Browser(self.world)), Tab(Browser(self.world))]

    # What people do.

    @rule(
        tab=TABS,
        more=st.sampled_from([{}, {"acr_values": MFA}, {"prompt": "login"}]),
        times=st.integers(0, 4),
    )
    def open_the_client(self, tab: int, more: dict[str, str], times: int) -> None:
        """Ask for a code: ordinarily, with a second factor, or afresh; and do what pages ask."""
        here = self.tabs[tab]
        self._arrive(here, here.browser.authorize(self.client, **more))
        self.go_on(tab, times)

    @rule(tab=TABS, path=st.sampled_from(PATHS))
    def look_at(self, tab: int, path: str) -> None:
        """Open a page in the flow that the browser is in, or in none."""
        here = self.tabs[tab]
        self._arrive(here, here.browser.get(path, query_string=_place(here)))

    @rule(
        tab=TABS,
        password=st.sampled_from(["right", "right", "right", "wrong", "next"]),
        code=st.sampled_from(["right", "right", "right", "wrong", "backup"]),
        kept=st.sampled_from([True, True, False]),
    )
    def send_the_page(self, tab: int, password: str, code: str, *, kept: bool) -> None:
        """Fill in the page that is open, and send it."""
        here = self.tabs[tab]
        self._send(here, here.page, password=password, code=code, kept=kept)

    @rule(tab=TABS, times=st.integers(1, 4))
    def go_on(self, tab: int, times: int) -> None:
        """Do what the pages ask for, as the owner does."""
        here = self.tabs[tab]
        for _ in range(times):
            self._send(here, here.page, password="right")
            self.sessions_have_no_more_than_was_proved()

    @rule(tab=TABS, path=st.sampled_from(PATHS), password=st.sampled_from(["right", "next"]))
    def send_the_page_elsewhere(self, tab: int, path: str, password: str) -> None:
        """Send the fields of the open page to another URL."""
        here = self.tabs[tab]
        self._send(here, here.page, path=path, password=password)

    @rule(tab=TABS, password=st.sampled_from(["right", "next"]))
    def send_the_page_of_the_other_browser(self, tab: int, password: str) -> None:
        """Send what the other browser was shown."""
        self._send(self.tabs[tab], self.tabs[1 - tab].page, password=password)

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
        self._arrive(here, here.browser.submit(page, **fields))

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
            self._arrive(here, here.browser.get(path_of(found[which])))

    @rule(seconds=st.sampled_from([30, 30, 6 * MINUTE, 31 * MINUTE, 61 * MINUTE]))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.world.clock.move(seconds=seconds)

    # What administrators do.

    @rule(required=st.booleans())
    def set_the_rule_of_the_tenant(self, *, required: bool) -> None:
        """Make a second factor mandatory, or not."""
        tenants, stricter = self.world.services.tenants, required and not self._is_required
        policy = TenantPolicy(mfa_required=required)
        self._write(lambda tx: tenants.set_policy(tx, self.tenant.slug, policy, actor=self.admin))
        if stricter:
            self._nothing_counts_any_more()

    @rule()
    def reset_the_factors(self) -> None:
        """Take every factor away."""
        factors = self.world.services.factors
        self._write(lambda tx: factors.reset(tx, self.tenant.id, self.user_id, by=self.admin))
        self.person.loses_everything()
        self._nothing_counts_any_more()

    @rule()
    def disable_and_enable(self) -> None:
        """Switch the account off and on: what was proved before is void."""
        accounts = self.world.services.accounts
        for enabled in (False, True):
            self._write(
                lambda tx, enabled=enabled: accounts.set_enabled(
                    tx, self.tenant.id, user_id=self.user_id, enabled=enabled, actor=self.admin
                )
            )
        self._nothing_counts_any_more()

    # What may never be.

    @invariant()
    def sessions_have_no_more_than_was_proved(self) -> None:
        """Compare each new session with what its browser has shown."""
        for tab in self.tabs:
            for live in self._sessions(tab):
                known = (live.id, live.auth_time, live.level)
                assert known in tab.justified or live.level <= tab.shown.level, tab.shown
                tab.justified.add(known)
                self.reached.add(live.level)

    @invariant()
    def who_needs_a_second_factor_has_no_session_without(self) -> None:
        """Compare the sessions with the rule of the tenant and the factors of the person."""
        if self._is_required or self.person.app:
            for tab in self.tabs:
                assert all(live.level > 1 for live in self._sessions(tab))

    @invariant()
    def codes_need_the_level_that_they_say(self) -> None:
        """Ask for codes without a page: none claims what was not proved."""
        for tab in self.tabs:
            levels = [live.level for live in self._sessions(tab)]
            for wanted, more in ((1, {}), (2, {"acr_values": MFA})):
                answer = tab.browser.authorize(self.client, prompt="none", **more)
                assert "code" not in answered(answer) or max(levels, default=0) >= wanted

    @invariant()
    def the_password_is_the_one_that_was_set(self) -> None:
        """Nothing sets a password unseen: see `_note_a_new_password`."""
        assert self._row().password_hash == self.stored

    # How it is done.

    def _send(
        self,
        here: Tab,
        page: TestResponse | None,
        *,
        path: str | None = None,
        password: str,
        code: str = "right",
        kept: bool = True,
    ) -> None:
        if page is None:
            return
        target, secret = path or page.request.path, _secret_on(page)
        fields = {
            **hidden(page),
            "email": self.person.email,
            "organization": self.tenant.slug,
            "password": self._password(password),
            "decision": "allow",
            "code": self._code(code, secret),
            "method": "backup_code" if code == "backup" else "totp",
            "kept": "yes" if kept else "",
        }
        was_right = self._is_right(target, fields, secret)
        answer = here.browser.post(target, data=fields)
        if answer.status_code == 303:
            self._note(here, target, fields, secret=secret, was_right=was_right)
            self._note_a_new_password(here, target, fields, answer)
        self._arrive(here, answer)

    def _is_right(self, target: str, fields: dict[str, str], secret: str | None) -> bool:
        """Tell, before the server does, whether what is sent there proves something."""
        if target == "/login/password":
            return fields["password"] == self.person.password
        if target == "/login/mfa/setup":
            # Only who has no app yet may connect one with nothing but the password.
            app = App(self.world, secret) if secret and not self.person.app else None
            return app is not None and fields["code"] == app.code()
        if target != "/login/mfa":
            return False
        if fields["method"] == "backup_code":
            return fields["code"] in self.person.backup_codes
        return self.person.is_right(fields["code"])

    def _note(
        self,
        here: Tab,
        target: str,
        fields: dict[str, str],
        *,
        secret: str | None,
        was_right: bool,
    ) -> None:
        """Note what was proved; the answer was a redirect, so the server may have accepted it."""
        if not was_right:
            return
        if target == "/login/password":
            here.shown = Shown(password=True)
        elif target == "/login/mfa":
            here.shown.factor = True
            self.person.uses(fields["code"])
        elif secret and here.shown.password:
            self.person.connects(App(self.world, secret), fields["code"])
            self._nothing_counts_any_more()
            here.shown = Shown(password=True, factor=True)

    def _note_a_new_password(
        self, here: Tab, target: str, fields: dict[str, str], answer: TestResponse
    ) -> None:
        """A new password needs a link that was followed here; each is good once."""
        if target != "/login/recover/new" or not answer.location.endswith("/login/recover/done"):
            return
        assert here.links, "a password was set without a link"
        self.person.password, self.stored = fields["password"], self._row().password_hash
        assert self.world.services.hasher.verify(self.person.password, self.stored).ok
        self._nothing_counts_any_more()
        for tab in self.tabs:
            tab.links.clear()

    def _arrive(self, here: Tab, answer: TestResponse) -> None:
        """Follow redirects as far as they stay at the server; keep the page."""
        for _ in range(_MOST_HOPS):
            location = answer.headers.get("Location", "")
            if answer.status_code not in {302, 303} or not location.startswith(("/", ISSUER)):
                break
            answer = here.browser.follow(answer)
        here.page = answer
        self.person.backup_codes = codes_on(answer) or self.person.backup_codes

    def _password(self, which: str) -> str:
        return {"right": self.person.password, "next": self.person.next_password()}.get(
            which, WRONG
        )

    def _code(self, which: str, secret: str | None) -> str:
        if which == "backup":
            return next(iter(self.person.backup_codes), "0000-0000-0000")
        return self.person.code(secret) if which == "right" else "000000"

    def _nothing_counts_any_more(self) -> None:
        for tab in self.tabs:
            tab.forget()

    @property
    def _is_required(self) -> bool:
        tenant = self.world.services.caches.tenants.get(self.tenant.slug)
        return tenant is not None and tenant.mfa_required

    def _sessions(self, tab: Tab) -> list[LiveSession]:
        cookie, services = tab.browser.http.get_cookie(SESSION, DOMAIN), self.world.services
        with services.database.read() as view:
            return services.sessions.find(view, cookie.value if cookie else None, ISSUER)

    def _row(self) -> User:
        with self.world.services.database.read() as view:
            return view.platform().scalars(select(User).where(User.id == self.user_id)).one()

    def _write(self, job: Any) -> None:
        self.world.services.database.write(job)
        self.world.services.watch.changed()


def _place(here: Tab) -> dict[str, str]:
    """Return the flow that the browser's page belongs to, else a page of the account."""
    page = here.page
    fields = hidden(page) if page is not None else {}
    return {"flow": fields["flow"]} if "flow" in fields else {"to": "overview"}


def _secret_on(page: TestResponse) -> str | None:
    found = _SECRET.search(page.text)
    return found[1] if found else None
