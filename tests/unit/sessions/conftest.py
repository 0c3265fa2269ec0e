"""Sessions against a real database, with a clock that tests move."""

from collections.abc import Sequence
from datetime import timedelta
from threading import Thread
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.models import User
from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction
from authserver.core.net.browsers import describe
from authserver.sessions.models import UserSession
from authserver.sessions.service import LiveSession, SessionService, SessionStart
from authserver.tenants.models import Tenant
from authserver.tenants.policy import SessionLives

ISSUER = "https://id.example.com"
AGENT = "Mozilla/5.0 (X11; Linux) Firefox/140.0"


class Lobby(SimpleNamespace):
    """The sessions of an installation, and what people do with them."""

    def __init__(self, installation: SimpleNamespace) -> None:
        super().__init__(installation=installation)
        self.database, self.clock = installation.database, installation.clock
        self.service = SessionService(
            self.database,
            lifetimes=SessionLives(timedelta(hours=1), timedelta(hours=24)),
            trail=installation.trail,
            keyring=installation.keyring,
            clock=self.clock,
        )

    def user(self, tenant: Tenant) -> UserSnapshot:
        return self.reread(self.installation.person(tenant))

    def reread(self, user_id: str) -> UserSnapshot:
        with self.database.read() as view:
            return snapshot(view.platform().scalars(select(User).where(User.id == user_id)).one())

    def start(
        self,
        user: UserSnapshot,
        browser: str | None = None,
        *,
        issuer: str = ISSUER,
        actor: Actor | None = None,
    ) -> tuple[LiveSession, str]:
        """Sign a person in, in a browser, and return session and the browser's new token."""
        actor = actor or Actor("user", user.id, "req_start", "203.0.113.9", AGENT)
        start = SessionStart(
            issuer=issuer,
            user=user,
            level=1,
            amr=("pwd",),
            actor=actor,
            device=describe(actor.user_agent),
            browser_token=browser,
        )
        return self.database.write(lambda tx: self.service.start(tx, start))

    def present(self, browser: str | None, issuer: str = ISSUER) -> list[str]:
        """Return the ids of who is signed in."""
        return [session.user.id for session in self.service.present(browser, issuer)]

    def change(self, user_id: str, **values: object) -> None:
        """Change an account's row, past every service."""

        def job(transaction: Transaction) -> None:
            user = transaction.platform().get(User, user_id)
            for name, value in values.items():
                setattr(user, name, value)

        self.database.write(job)

    def rows(self) -> Sequence[UserSession]:
        with self.database.read() as view:
            return view.platform().scalars(select(UserSession).order_by(UserSession.id)).all()

    def row(self, session: LiveSession) -> UserSession:
        return next(row for row in self.rows() if row.id == session.id)

    def in_parallel(self, count: int, user: UserSnapshot, browser: str) -> list[str]:
        """Sign the person in several times at once; return the tokens."""
        tokens: list[str] = []
        threads = [
            Thread(target=lambda: tokens.append(self.start(user, browser)[1])) for _ in range(count)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return tokens


@pytest.fixture
def lobby(installation: SimpleNamespace) -> Lobby:
    return Lobby(installation)


@pytest.fixture
def acme(lobby: Lobby) -> Tenant:
    return lobby.installation.tenant("acme")


@pytest.fixture
def ada(lobby: Lobby, acme: Tenant) -> UserSnapshot:
    return lobby.user(acme)
