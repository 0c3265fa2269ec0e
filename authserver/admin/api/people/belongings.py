"""What is a person's: sessions, factors, linked sign-ins. What happened to them, trail.py says."""

from collections.abc import Sequence
from datetime import datetime

from authserver.admin.api.people.tools import USER, Tools, by, place
from authserver.admin.rest.operation import Call, Does, Operation, Reply, Shown
from authserver.core.database.engine import Transaction
from authserver.federation.identities import Identities
from authserver.people.details import SignedIn
from authserver.roles.catalogue import Permission

_LIST = "users"


class SessionShown(Shown):
    """Where somebody is signed in."""

    id: str
    issuer: str
    device: str
    address: str
    methods: tuple[str, ...]
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class Sessions(Shown):
    """Where somebody is signed in, the latest use first."""

    items: tuple[SessionShown, ...]


class FactorShown(Shown):
    """A second factor: `app` or `passkey`."""

    id: str
    kind: str
    name: str
    added_at: datetime
    last_used_at: datetime | None


class Factors(Shown):
    """What somebody can prove besides a password."""

    items: tuple[FactorShown, ...]
    backup_codes_left: int
    mandatory: bool


class IdentityShown(Shown):
    """A provider's identity that signs somebody in."""

    id: str
    connection_id: str
    provider: str
    kind: str
    label: str
    linked_at: datetime
    last_used_at: datetime | None


class IdentityList(Shown):
    """By which providers somebody signs in."""

    items: tuple[IdentityShown, ...]


class Belongings:
    """Operations on what is a person's."""

    def __init__(self, tools: Tools, identities: Identities) -> None:
        """Take what they are answered with."""
        self._tools = tools
        self._identities = identities

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.USERS_READ, Permission.USERS_WRITE
        return (
            Operation(
                "GET", f"{USER}/sessions", Does.READ, Permission.SESSIONS_READ,
                self.list_sessions, "List where a person is signed in", _LIST, shows=Sessions,
            ),
            Operation(
                "DELETE", f"{USER}/sessions/{{session_id}}", Does.CHANGE,
                Permission.SESSIONS_END, self.end_session, "End one session", _LIST,
            ),
            Operation(
                "GET", f"{USER}/factors", Does.READ, read, self.list_factors,
                "List second factors", _LIST, shows=Factors,
            ),
            Operation(
                "GET", f"{USER}/identities", Does.READ, read, self.list_identities,
                "List linked sign-ins", _LIST, shows=IdentityList,
            ),
            Operation(
                "DELETE", f"{USER}/identities/{{identity_id}}", Does.CHANGE, write,
                self.unlink_identity, "Unlink a sign-in: everything of the person ends", _LIST,
                sensitive=True,
            ),
        )  # fmt: skip

    def list_sessions(self, transaction: Transaction, call: Call) -> Reply:
        """Return where a person is signed in."""
        self._tools.details.of(transaction, *place(call))
        found = self._tools.details.sessions(transaction, *place(call))
        return Reply(Sessions(items=tuple(map(_session, found))))

    def end_session(self, transaction: Transaction, call: Call) -> Reply:
        """End one session."""
        session_id = call.path["session_id"]
        self._tools.acts.end_session(transaction, place(call), session_id, by=by(call))
        return Reply()

    def list_factors(self, transaction: Transaction, call: Call) -> Reply:
        """Return what a person can prove."""
        user = self._tools.details.of(transaction, *place(call)).snapshot
        found = self._tools.details.factors(transaction, user)
        apps = [
            FactorShown(
                id=one.id, kind="app", name=one.name, added_at=one.added_at, last_used_at=None
            )
            for one in found.apps
        ]
        passkeys = [
            FactorShown(
                id=one.id,
                kind="passkey",
                name=one.name,
                added_at=one.created_at,
                last_used_at=one.last_used_at,
            )
            for one in found.passkeys
        ]
        items = (*apps, *passkeys)
        left, mandatory = found.codes_left, found.mandatory
        return Reply(Factors(items=items, backup_codes_left=left, mandatory=mandatory))

    def list_identities(self, transaction: Transaction, call: Call) -> Reply:
        """Return by which providers a person signs in."""
        user = self._tools.details.of(transaction, *place(call)).snapshot
        items = tuple(
            IdentityShown(
                id=one.id,
                connection_id=one.connection_id,
                provider=one.connection_label,
                kind=one.kind.value,
                label=one.label,
                linked_at=one.created_at,
                last_used_at=one.last_used_at,
            )
            for one in self._identities.of_person(transaction, user)
        )
        return Reply(IdentityList(items=items))

    def unlink_identity(self, transaction: Transaction, call: Call) -> Reply:
        """Take a linked sign-in away."""
        identity_id = call.path["identity_id"]
        self._tools.acts.unlink(transaction, place(call), identity_id, by=by(call))
        return Reply()


def _session(one: SignedIn) -> SessionShown:
    return SessionShown(
        id=one.id,
        issuer=one.issuer,
        device=str(one.trace.device),
        address=one.trace.address,
        methods=one.methods,
        created_at=one.created_at,
        last_seen_at=one.last_seen_at,
        expires_at=one.expires_at,
    )
