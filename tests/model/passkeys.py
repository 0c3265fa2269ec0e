"""The machine of the sign-in, with a passkey: alone, after a password, and made on the way."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from werkzeug.test import TestResponse

from tests.model.machine import TABS, SignInMachine
from tests.model.people import Shown, Tab
from tests.support.passkeys import ALONE, SECOND, SET_UP, Options, SoftKey, ask, send
from tests.support.world import World

HOPS = ["/login/password", "/login/mfa", "/login/mfa/passkey", "/login/mfa/passkey-setup"]


class PasskeyMachine(SignInMachine):
    """One account whose person may have one passkey."""

    def __init__(self, world: World, reached: set[int]) -> None:
        super().__init__(world, reached)
        self.key: SoftKey | None = None

    @rule(tab=TABS, path=st.sampled_from(HOPS))
    def look_at_a_page_for_passkeys(self, tab: int, path: str) -> None:
        """Open such a page in the flow that the browser is in, or in none."""
        self.look_at(tab, path)

    @rule(tab=TABS, lie=st.sampled_from([None, None, None, "unverified", "elsewhere", "stolen"]))
    def sign_in_by_passkey(self, tab: int, lie: str | None) -> None:
        """Answer the question to anybody: rightly, or as attackers would."""
        here, key = self.tabs[tab], self.key
        if self._answer(here, ALONE, lie, key=key) and lie is None and key is not None:
            here.shown = Shown(password=True, factor=True)  # both factors in one
            self.arrive(here, self.sent)

    @rule(tab=TABS, lie=st.sampled_from([None, None, None, "unverified", "elsewhere", "stolen"]))
    def confirm_by_passkey(self, tab: int, lie: str | None) -> None:
        """Answer the question to somebody whose password was right."""
        here, key = self.tabs[tab], self.key
        if self._answer(here, SECOND, lie, key=key):
            if lie is None and key is not None:
                here.shown.factor = True
            self.arrive(here, self.sent)

    @rule(tab=TABS)
    def make_a_passkey(self, tab: int) -> None:
        """Set one up as the first factor; only who has none may."""
        here, may, new = self.tabs[tab], not self.key and not self.person.app, SoftKey()
        asked = self._ask(here, SET_UP)
        if asked is None or here.page is None:
            return
        self.sent = send(here.browser, here.page, SET_UP, new.create(asked))
        if self.sent.status_code == 303 and may and here.shown.password:
            self.key = new
            self.nothing_counts_any_more()
            here.shown = Shown(password=True, factor=True)
            self.arrive(here, self.sent)

    @rule()
    def reset_the_factors(self) -> None:
        """Take every factor away, the passkey with them."""
        super().reset_the_factors()
        self.key = None

    @property
    def has_factor(self) -> bool:
        """A passkey is one as well."""
        return self.key is not None or super().has_factor

    def _ask(self, here: Tab, path: str) -> Options | None:
        if here.page is None or "csrf_token" not in here.page.text:
            return None
        answer = ask(here.browser, here.page, path)
        return dict(answer.json or {}) if answer.mimetype == "application/json" else None

    def _answer(self, here: Tab, path: str, lie: str | None, *, key: SoftKey | None) -> bool:
        """Ask and answer; tell whether the answer was a redirect."""
        asker = self.tabs[1 - self.tabs.index(here)] if lie == "elsewhere" else here
        asked = self._ask(asker, path)
        if asked is None or here.page is None:
            return False
        speaker = key or SoftKey()
        real, flags = speaker.key, speaker.flags
        if lie == "stolen":
            speaker.key = SoftKey().key
        if lie == "unverified":
            speaker.flags &= ~4
        self.sent: TestResponse = send(here.browser, here.page, path, speaker.get(asked))
        speaker.key, speaker.flags = real, flags
        return self.sent.status_code == 303
