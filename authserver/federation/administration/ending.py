"""What ends with a connection, in one statement each (decisions 0012 and 0026).

Whoever calls holds the connection's row for a change. A sign-in by it holds the same row shared: it
is over before, and what it began is found here, or it comes later and finds the connection changed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, true, update

from authserver.accounts.models import User
from authserver.core.database.engine import Transaction
from authserver.federation.models import (
    FederatedIdentity,
    FederationConnection,
    OfferedIdentity,
    ProviderToken,
    UpstreamRequest,
)
from authserver.mfa.models import PartialSignIn
from authserver.passkeys.models import Passkey
from authserver.sessions.models import SECOND_FACTOR, UserSession
from authserver.tenants.models import Tenant

_Identity = FederatedIdentity
_WHOLE = {"synchronize_session": False}
EVERYBODY: ColumnElement[bool] = true()
WHERE_WANTED: ColumnElement[bool] = User.tenant_id.in_(
    select(Tenant.id).where(Tenant.ends_federated_sessions)
)


def sign_ins_under_way(
    transaction: Transaction, connection_id: str, whose: ColumnElement[bool] = EVERYBODY
) -> int:
    """End the sign-ins by a connection that are half done; return how many there were.

    `whose` is a condition on `User`: only theirs then, as nobody knows who is at the provider.
    Otherwise browsers come back from there to nothing.
    """
    session = transaction.platform()
    if whose is EVERYBODY:
        for model in (UpstreamRequest, OfferedIdentity):
            mine = delete(model).where(model.connection_id == connection_id)
            session.execute(mine, execution_options=_WHOLE)
    partial = PartialSignIn.identity_id.in_(_identities(connection_id))
    owners = select(PartialSignIn.user_id).where(partial)
    # Who ends a sign-in holds the person's row and then takes this one: so do we.
    held = select(User.id).where(User.id.in_(owners), whose).order_by(User.id)
    people = list(session.scalars(held.with_for_update(of=User)))
    gone = delete(PartialSignIn).where(partial, PartialSignIn.user_id.in_(people))
    return len(session.scalars(gone.returning(PartialSignIn.id), execution_options=_WHOLE).all())


def sessions(
    transaction: Transaction,
    connection_id: str,
    whose: ColumnElement[bool],
    *,
    second_factor: bool = False,
) -> Mapping[str, int]:
    """End everything of the people who came by a connection; return how many, by tenant.

    By the epochs of their accounts, so that tokens end with the sessions, and those of a session
    that is over with them. `second_factor`: only where a session has the second level.
    """
    came = (
        select(_Identity.user_id)
        .join(UserSession, UserSession.identity_id == _Identity.id)
        .where(_Identity.connection_id == connection_id)
    )
    if second_factor:
        came = came.where(UserSession.level == SECOND_FACTOR)
    return _moved_on(transaction, User.id.in_(came) & whose)


def provider_tokens(transaction: Transaction, connection_id: str) -> None:
    """Forget what the provider gave for its own APIs."""
    mine = delete(ProviderToken).where(ProviderToken.identity_id.in_(_identities(connection_id)))
    transaction.platform().execute(mine, execution_options=_WHOLE)


def without_another_way(transaction: Transaction, connection_id: str) -> int:
    """Return how many people could sign in by nothing but this connection.

    They have no password that opens anything and no passkey, and are linked by nothing else that
    signs people in.
    """
    mine = User.id.in_(select(_Identity.user_id).where(_Identity.connection_id == connection_id))
    others = (
        select(_Identity.user_id)
        .join(FederationConnection, FederationConnection.id == _Identity.connection_id)
        .where(
            _Identity.connection_id != connection_id,
            FederationConnection.enabled,
            ~FederationConnection.link_only,
        )
    )
    stranded = select(func.count(User.id)).where(
        mine,
        or_(User.password_hash.is_(None), User.password_reset_required),
        User.disabled_at.is_(None),
        User.id.not_in(select(Passkey.user_id)),
        User.id.not_in(others),
    )
    return transaction.platform().scalar(stranded) or 0


def linked(
    transaction: Transaction, connection_id: str, most: int
) -> Sequence[tuple[FederatedIdentity, User]]:
    """Return some identities of a connection with their accounts, held for the end of both."""
    wanted = (
        select(_Identity, User)
        .join(User, User.id == _Identity.user_id)
        .where(_Identity.connection_id == connection_id)
        .order_by(User.id)
        .limit(most)
        .with_for_update(of=User)
    )
    return [(identity, user) for identity, user in transaction.platform().execute(wanted)]


def links(transaction: Transaction, identities: Sequence[FederatedIdentity]) -> None:
    """Delete identities with their tokens, and end everything of the people they belong to."""
    ids = [identity.id for identity in identities]
    people = [identity.user_id for identity in identities]
    session = transaction.platform()
    for gone in (
        delete(ProviderToken).where(ProviderToken.identity_id.in_(ids)),
        delete(_Identity).where(_Identity.id.in_(ids)),
    ):
        session.execute(gone, execution_options=_WHOLE)
    _moved_on(transaction, User.id.in_(people))


def _moved_on(transaction: Transaction, whose: ColumnElement[bool]) -> Mapping[str, int]:
    """Move the epochs of accounts; return how many there were, by tenant."""
    moved = (
        update(User)
        .where(whose)
        .values(security_epoch=User.security_epoch + 1)
        .returning(User.tenant_id)
    )
    return Counter(transaction.platform().scalars(moved, execution_options=_WHOLE))


def _identities(connection_id: str) -> Select[str]:
    return select(_Identity.id).where(_Identity.connection_id == connection_id)
