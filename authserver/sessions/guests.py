"""Guest accounts are opened by a sign-in with the home account: nothing else gives them a session.

What the guest's tenant demands of a sign-in, the one at home has to meet. A named platform service:
home and guest are of different tenants.
"""

from dataclasses import replace

from authserver.accounts import statements
from authserver.accounts.directory import snapshot_of
from authserver.audit.events import Actor, ActorKind
from authserver.core.database.engine import Transaction
from authserver.core.net.browsers import Device
from authserver.core.problems import Refused
from authserver.sessions import rows
from authserver.sessions.models import SECOND_FACTOR
from authserver.sessions.service import HomeSignIn, LiveSession, SessionService, SessionStart


class GuestSessions:
    """Opens guest accounts."""

    def __init__(self, sessions: SessionService) -> None:
        """Take what starts sessions."""
        self._sessions = sessions

    def open(
        self,
        transaction: Transaction,
        home: LiveSession,
        guest_id: str,
        *,
        actor: Actor,
        device: Device,
        browser_token: str,
    ) -> LiveSession:
        """Return a session of the guest beside that of the home account, in the same browser.

        It says when and how the home account signed in, and ends with its session. Raises Refused
        where that has ended, or anything that counts is closed or demands more.
        """
        epoch = rows.hold(transaction, home.tenant_id, home.id, browser_token=browser_token)
        if epoch is None:
            raise _refused("the session of the home account has ended, or is elsewhere")
        signed_in = SessionStart(
            issuer=home.issuer,
            user=home.user,
            level=home.level,
            amr=home.amr,
            actor=actor,
            device=device,
            browser_token=browser_token,
            auth_time=home.auth_time,
        )
        at_home = HomeSignIn(epoch, home.id)
        return self._start(transaction, signed_in, guest_id, at_home=at_home)[0]

    def enter(
        self, transaction: Transaction, signed_in: SessionStart, guest_id: str
    ) -> tuple[LiveSession, str]:
        """Start the guest's session by a sign-in at an issuer that is not for the home account.

        `signed_in` is what would be the session there. Raises Refused.
        """
        return self._start(transaction, signed_in, guest_id, at_home=None)

    def _start(
        self,
        transaction: Transaction,
        signed_in: SessionStart,
        guest_id: str,
        *,
        at_home: HomeSignIn | None,
    ) -> tuple[LiveSession, str]:
        """Start the session. `at_home` is the one that it is opened from, if there is one."""
        home = signed_in.user
        wanted = {"guest_id": guest_id, "home_id": home.id, "of_epoch": home.security_epoch}
        row = transaction.row(statements.FIND_GUEST, wanted)
        if row is None:
            raise _refused("no guest of this account, or one of both is closed")
        if at_home is not None and row["home_epoch"] != at_home.epoch:
            raise _refused("the home account or its tenant moved on")
        if row["mfa_required"] and signed_in.level < SECOND_FACTOR:
            raise _refused("the guest's tenant demands a second factor")
        guest = snapshot_of(row)
        start = replace(
            signed_in,
            user=guest,
            actor=replace(signed_in.actor, kind=ActorKind.USER, principal=guest.id),
            home=at_home or HomeSignIn(row["home_epoch"]),
        )
        return self._sessions.start(transaction, start)


def _refused(detail: str) -> Refused:
    return Refused("Please sign in again.", detail=detail)
