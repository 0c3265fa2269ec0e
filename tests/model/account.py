"""One account with two browsers: how forms are sent, and what is noted of each."""

import re
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, initialize
from sqlalchemy import select
from werkzeug.test import TestResponse

from authserver.accounts.models import User
from authserver.sessions.service import LiveSession
from tests.attacks.factors import SESSION
from tests.model.people import WRONG, Person, Shown, Tab
from tests.support.authenticator import App, codes_on
from tests.support.browser import ISSUER, Browser, hidden
from tests.support.world import World

FIRST = "Correct-Lantern-1"
DOMAIN = "auth.example"
_SECRET = re.compile(r'data-copy="([A-Z2-7]{32})"')
_MOST_HOPS = 6


class Account(RuleBasedStateMachine):
    """One account. `reached` tells which levels there were, so that nobody tests nothing.

    `verified` says whether its address is a proved one at the beginning.
    """

    verified = True

    def __init__(self, world: World, reached: set[int]) -> None:
        super().__init__()
        world.clock.reset()
        self.world, self.reached = world, reached

    @initialize()
    def begin(self) -> None:
        """Make the tenant, its person and its client, and open two browsers."""
        self.tenant = self.world.tenant()
        user = self.world.user(self.tenant, verified=self.verified)
        self.proved = self.verified
        self.user_id = user.id
        self.admin = type(self.world.operator)("operator", self.tenant.id, "cor_model")
        self.person = Person(self.world, user.email, FIRST)
        hasher, accounts = self.world.services.hasher, self.world.services.accounts
        self.write(
            lambda tx: accounts.set_password(
                tx,
                self.tenant.id,
                user_id=user.id,
                password_hash=hasher.hash(FIRST),
                actor=self.admin,
            )
        )
        self.stored = self.row().password_hash
        self.client = self.world.client(self.tenant)
        self.tabs = [Tab(Browser(self.world)), Tab(Browser(self.world))]
        self.demanding: set[str] = set()  # the flows that want more, or want it anew
        self.trust_allowed = False

    def send(
        self,
        here: Tab,
        page: TestResponse | None,
        *,
        path: str | None = None,
        password: str,
        code: str = "right",
        kept: bool = True,
        trust: bool = True,
    ) -> None:
        if page is None:
            return
        target, secret = path or page.request.path, secret_shown(page)
        fields = {
            **hidden(page),
            "email": self.person.email,
            "organization": self.tenant.slug,
            "password": self._password(password),
            "decision": "allow",
            "code": self._code(code, secret),
            "method": "backup_code" if code == "backup" else "totp",
            "kept": "yes" if kept else "",
            "trust": "yes" if trust else "",
        }
        was_right = self._is_right(target, fields, secret)
        answer = here.browser.post(target, data=fields)
        if answer.status_code == 303:
            self._note(here, target, fields, secret=secret, was_right=was_right)
            self.note_a_new_password(here, target, fields, answer)
        self.arrive(here, answer)

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
            here.shown = Shown(password=True, demanded=fields.get("flow") in self.demanding)
        elif target == "/login/mfa":
            here.shown.factor = True
            here.shown.ticked = fields["trust"] == "yes" and fields["method"] == "totp"
            self.person.uses(fields["code"])
        elif secret and here.shown.password:
            self.person.connects(App(self.world, secret), fields["code"])
            self.nothing_counts_any_more()
            here.shown = Shown(password=True, factor=True)

    def note_a_new_password(
        self, here: Tab, target: str, fields: dict[str, str], answer: TestResponse
    ) -> None:
        """A new password needs a link that was followed here; each is good once."""
        if target != "/login/recover/new" or not answer.location.endswith("/login/recover/done"):
            return
        assert here.links, "a password was set without a link"
        self.person.password, self.stored = fields["password"], self.row().password_hash
        assert self.world.services.hasher.verify(self.person.password, self.stored).ok
        self.nothing_counts_any_more()
        for tab in self.tabs:
            tab.links.clear()

    def arrive(self, here: Tab, answer: TestResponse) -> None:
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

    def nothing_counts_any_more(self) -> None:
        for tab in self.tabs:
            tab.forget()

    @property
    def is_required(self) -> bool:
        tenant = self.world.services.caches.tenants.get(self.tenant.slug)
        return tenant is not None and tenant.mfa_required

    @property
    def has_factor(self) -> bool:
        return self.person.app is not None

    def note_a_session(self, tab: Tab, live: LiveSession) -> None:
        """Note what follows from a session that has just appeared."""

    def sessions(self, tab: Tab) -> list[LiveSession]:
        cookie, services = tab.browser.http.get_cookie(SESSION, DOMAIN), self.world.services
        with services.database.read() as view:
            return services.sessions.find(view, cookie.value if cookie else None, ISSUER)

    def row(self) -> User:
        with self.world.services.database.read() as view:
            return view.platform().scalars(select(User).where(User.id == self.user_id)).one()

    def write(self, job: Any) -> None:
        self.world.services.database.write(job)
        self.world.services.watch.changed()


def secret_shown(page: TestResponse) -> str | None:
    found = _SECRET.search(page.text)
    return found[1] if found else None
