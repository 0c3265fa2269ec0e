"""What templates are given: values made for reading, nothing to call."""

from dataclasses import dataclass

from authserver.accounts.directory import UserSnapshot
from authserver.tenants.names import TenantNames


@dataclass(frozen=True)
class AccountView:
    """A signed-in account as pages show it."""

    name: str
    email: str
    tenant_name: str


def account_view(user: UserSnapshot, names: TenantNames) -> AccountView:
    """Return an account."""
    return AccountView(user.name, user.email, names.of(user.tenant_id))
