"""What templates are given: values made for reading, nothing to call."""

from dataclasses import dataclass

from authserver.sessions.service import LiveSession
from authserver.tenants.names import TenantNames


@dataclass(frozen=True)
class AccountView:
    """A signed-in account as pages show it."""

    name: str
    email: str
    tenant_name: str


def account_view(session: LiveSession, names: TenantNames) -> AccountView:
    """Return the account of a session."""
    return AccountView(session.user.name, session.user.email, names.of(session.tenant_id))
