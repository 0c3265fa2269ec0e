"""Ends what is signed in in a browser, and says which clients the browser itself has to tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from authserver.audit.events import Actor, ActorKind
from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.database.engine import Database, Transaction
from authserver.oauth.logout.frames import MOST, Frame
from authserver.oauth.logout.queue import BELL
from authserver.sessions import rows
from authserver.sessions.models import UserSession
from authserver.sessions.service import SessionService
from authserver.tokens import statements
from authserver.tokens.people.subjects import SubjectIdentifiers


@dataclass(frozen=True)
class Ended:
    """What ended. `frames` tell clients by way of the browser (Front-Channel Logout)."""

    frames: tuple[Frame, ...] = ()
    nobody_left: bool = True


class SigningOut:
    """Ends sessions of one browser."""

    def __init__(
        self,
        sessions: SessionService,
        database: Database,
        clients: Snapshots[str, RegisteredClient],
        *,
        subjects: SubjectIdentifiers,
    ) -> None:
        """Take what ends sessions, and what clients call them."""
        self._sessions = sessions
        self._database = database
        self._clients = clients
        self._subjects = subjects

    def of_browser(self, token: str | None, *, actor: Actor) -> Ended:
        """End everything that is signed in in the browser, at every issuer."""

        def job(transaction: Transaction) -> Ended:
            there = rows.of_browser(transaction, token)
            frames = self._frames(transaction, there)
            self._sessions.end_all_of_browser(transaction, token, actor=actor)
            transaction.ring(BELL)
            return Ended(frames)

        return self._database.write(job)

    def of_session(
        self, token: str | None, sid: str, *, client: RegisteredClient, actor: Actor
    ) -> Ended | None:
        """End the session of the browser that a client calls `sid`, with those opened from it.

        Where nobody is signed in any more, nothing has to end. None where others are, and the
        session is not among them: then somebody has to be asked.
        """

        def job(transaction: Transaction) -> Ended | None:
            there = rows.of_browser(transaction, token)
            called = self._subjects.session
            mine = next((row for row in there if called(client, row.id) == sid), None)
            if mine is None:
                return None if there else Ended()
            ending = [mine, *rows.opened_from(transaction, mine)]
            frames = self._frames(transaction, ending)
            by = replace(actor, kind=ActorKind.USER, principal=mine.user_id)
            self._sessions.end(transaction, mine.tenant_id, session_id=mine.id, actor=by)
            transaction.ring(BELL)
            gone = {row.id for row in ending}
            return Ended(frames, nobody_left=all(row.id in gone for row in there))

        return self._database.write(job)

    def _frames(self, transaction: Transaction, ending: Sequence[UserSession]) -> tuple[Frame, ...]:
        return tuple(self._all_frames(transaction, ending))[:MOST]

    def _all_frames(
        self, transaction: Transaction, ending: Iterable[UserSession]
    ) -> Iterable[Frame]:
        for row in ending:
            wanted = {"tenant_id": row.tenant_id, "session_id": row.id}
            for found in transaction.rows(statements.CLIENTS_OF_SESSION, wanted):
                client = self._clients.get(found["client_id"])
                if client is not None and client.options.frontchannel_logout_uri:
                    named = client.options.frontchannel_logout_session_required
                    of = (row.issuer, self._subjects.session(client, row.id)) if named else None
                    yield Frame(client.id, of)
