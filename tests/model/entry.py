"""The machine with the other ways in: one's own change of password, a required one, invitations."""

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from werkzeug.test import TestResponse

from authserver.invitations.service import Invite
from tests.model.machine import TABS
from tests.model.passkeys import PasskeyMachine
from tests.model.people import WRONG, Tab
from tests.support.browser import hidden
from tests.support.mails import link_in, mails_to, path_of
from tests.support.world import World

CHANGE = "/login/change/password"


class EntryMachine(PasskeyMachine):
    """One account, and strangers who are invited into its tenant."""

    def __init__(self, world: World, reached: set[int]) -> None:
        super().__init__(world, reached)
        self.change_required = False
        self.invited = 0

    @rule(tab=TABS, present=st.sampled_from(["right", "right", "wrong"]))
    def change_the_password_at_the_account(self, tab: int, present: str) -> None:
        """Change the password with the present one; only who is signed in can."""
        here = self.tabs[tab]
        page = here.browser.get("/account/password")
        if page.status_code != 200:
            return
        levels, new = [live.level for live in self.sessions(here)], self.person.next_password()
        shown = self.person.password if present == "right" else WRONG
        fields = {**hidden(page), "present": shown, "new": new}
        answer = here.browser.post("/account/password", data=fields)
        if answer.location != "/account/security":
            return
        assert present == "right"
        assert levels, "a password was changed by nobody"
        assert max(levels) >= self._needed(), "a password was changed by trust alone"
        self._has_new_password(new)
        for live in self.sessions(here):
            assert live.level <= max(levels)
            here.justified.add((live.id, live.auth_time, live.level))

    @rule()
    def require_another_password(self) -> None:
        """Let the next sign-in take a new password: nobody is signed in until then."""
        accounts = self.world.services.accounts
        self.write(
            lambda tx: accounts.require_password_change(
                tx, self.tenant.id, user_id=self.user_id, actor=self.admin
            )
        )
        self.change_required = True
        self.nothing_counts_any_more()

    @rule(tab=TABS)
    def send_the_new_password_that_is_required(self, tab: int) -> None:
        """Open the page for it in the flow that the browser is in, and send it."""
        self.look_at(tab, CHANGE)
        here = self.tabs[tab]
        page = here.page
        if page is None or page.request.path != CHANGE:
            return
        new, before = self.person.next_password(), self.row().password_hash
        answer = here.browser.post(CHANGE, data={**hidden(page), "password": new})
        if self.row().password_hash != before:
            assert here.shown.level >= self._needed(), "a password was set by half a sign-in"
            shown = here.shown
            self._has_new_password(new)
            here.shown = shown
        self.arrive(here, answer)

    @rule(tab=TABS, use=st.booleans())
    def follow_an_invitation(self, tab: int, *, use: bool) -> None:
        """Have a stranger invited, follow the link, and perhaps join: nobody is signed in by it."""
        self.invited += 1
        email = f"new{self.invited}.{self.tenant.slug}@example.com"
        invitations = self.world.services.mailed.invitations
        asked = Invite(self.tenant.id, email, ("customer_viewer",), None)
        self.write(lambda tx: invitations.create(tx, asked, actor=self.admin))
        here = self.tabs[tab]
        self.arrive(
            here,
            here.browser.get(path_of(link_in(mails_to(self.world, email, self.tenant.id)[-1]))),
        )
        if use and here.page is not None:
            fields = {"name": "New Person", "password": self.person.next_password()}
            path = here.page.request.path
            self.arrive(here, here.browser.post(path, data={**hidden(here.page), **fields}))

    @invariant()
    def nobody_is_signed_in_with_a_password_that_must_change(self) -> None:
        """Compare the sessions with what the administrator demands."""
        if self.change_required:
            assert not [live for tab in self.tabs for live in self.sessions(tab)]

    def note_a_new_password(
        self, here: Tab, target: str, fields: dict[str, str], answer: TestResponse
    ) -> None:
        """A link that was followed sets a password as well, and then none is required any more."""
        before = self.person.password
        super().note_a_new_password(here, target, fields, answer)
        if self.person.password != before:
            self.change_required = False

    def _needed(self) -> int:
        return 2 if self.is_required or self.has_factor else 1

    def _has_new_password(self, password: str) -> None:
        self.person.password, self.stored = password, self.row().password_hash
        assert self.world.services.hasher.verify(password, self.stored).ok
        self.change_required = False
        self.nothing_counts_any_more()
        for tab in self.tabs:
            tab.links.clear()
