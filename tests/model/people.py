"""What the machine knows for itself: secrets, and which of them each browser has really shown."""

from dataclasses import dataclass, field
from datetime import datetime

import pyotp
from werkzeug.test import TestResponse

from tests.support.authenticator import App
from tests.support.browser import Browser
from tests.support.world import World

WRONG = "Nobodys-Lantern-5"
_STEP = 30  # seconds


@dataclass
class Shown:
    """What a browser has proved since its last right password, and since it counts at all.

    `demanded`: whoever asked for that password wanted more, or wanted it anew; `ticked`: with the
    code came the wish to trust the browser.
    """

    password: bool = False
    factor: bool = False
    demanded: bool = False
    ticked: bool = False

    @property
    def level(self) -> int:
        """Return the highest level that this justifies."""
        return 2 if self.password and self.factor else int(self.password)


@dataclass
class Tab:
    """A browser, the page that it shows, and what was proved in it.

    `justified` are the sessions that were compared with what was proved when they appeared,
    `by_trust` those of them that stand on a password in a trusted browser. `trust` is the token
    that the browser may show for that, None where there is none that counts.
    """

    browser: Browser
    page: TestResponse | None = None
    shown: Shown = field(default_factory=Shown)
    justified: set[tuple[str, datetime, int]] = field(default_factory=set)
    by_trust: set[tuple[str, datetime]] = field(default_factory=set)
    trust: object | None = None
    links: set[str] = field(default_factory=set)

    def forget(self) -> None:
        """Let nothing count any more that was proved here."""
        self.shown, self.trust = Shown(), None
        self.justified.clear()
        self.by_trust.clear()


class Person:
    """The account's owner: what is right at the moment."""

    def __init__(self, world: World, email: str, password: str) -> None:
        self.world = world
        self.email = email
        self.password = password
        self.app: App | None = None
        self.backup_codes: list[str] = []
        self._used = 0

    def next_password(self) -> str:
        """Return a password that was never used."""
        head, _, number = self.password.rpartition("-")
        return f"{head}-{int(number) + 1}"

    def code(self, secret: str | None) -> str:
        """Return what the app shows that has this secret, else the person's; or six digits."""
        app = App(self.world, secret) if secret else self.app
        return app.code() if app else "000000"

    def is_right(self, code: str) -> bool:
        """Tell whether a code is the person's app's, and of no step that was used or is older."""
        app = self.app
        return app is not None and any(
            step > self._used and pyotp.TOTP(app.secret).generate_otp(step) == code
            for step in self._steps()
        )

    def connects(self, app: App, code: str) -> None:
        """Have an app from now on; the code that proved it is used."""
        self.app, self._used = app, 0
        self.uses(code)

    def uses(self, code: str) -> None:
        """Remember that a code of the app, or a backup code, was accepted."""
        if code in self.backup_codes:
            self.backup_codes.remove(code)
        elif self.app:
            totp = pyotp.TOTP(self.app.secret)
            self._used = max(
                (step for step in self._steps() if totp.generate_otp(step) == code),
                default=self._used,
            )

    def loses_everything(self) -> None:
        """Have no app and no codes any more."""
        self.app, self.backup_codes = None, []

    def _steps(self) -> range:
        here = int(self.world.clock.now().timestamp()) // _STEP
        return range(here - 1, here + 2)
