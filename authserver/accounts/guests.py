"""Guest accounts: a person of one tenant gets an account in another, and signs in at home."""

from dataclasses import dataclass

from authserver.accounts.models import User
from authserver.accounts.policy import UnfitAccount
from authserver.accounts.service import AccountService, NewAccount, get
from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction


@dataclass(frozen=True)
class NewGuest:
    """A guest account for a person of another tenant. Address and name are those at home.

    Another `email` is not verified: only that at home is known to be the person's.
    """

    tenant_id: str
    home_tenant_id: str
    home_user_id: str
    email: str | None = None
    name: str | None = None


def create_guest(
    accounts: AccountService, transaction: Transaction, guest: NewGuest, *, actor: Actor
) -> User:
    """Create an account that its person signs in to through the one at home.

    Raises NotFound, UnfitAccount, or Conflict for an address that is taken, or a person who is a
    guest there already.
    """
    home = get(transaction, guest.home_tenant_id, guest.home_user_id)
    if home.home_user_id is not None:
        raise UnfitAccount(
            "A guest account cannot be the home of another one.", field="home_user_id"
        )
    if home.tenant_id == guest.tenant_id:
        raise UnfitAccount("Nobody is a guest in their own tenant.", field="home_user_id")
    account = NewAccount(
        tenant_id=guest.tenant_id,
        email=guest.email or home.email,
        name=guest.name or home.name,
        verified=home.email_verified and guest.email is None,
        locale=home.locale,
        home_user_id=home.id,
    )
    return accounts.create(transaction, account, actor=actor)
