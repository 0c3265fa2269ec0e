"""What templates are given: values made for reading, nothing to call."""

from dataclasses import dataclass

from flask import url_for

from authserver.accounts.directory import UserSnapshot
from authserver.tenants.names import TenantNames


@dataclass(frozen=True)
class AccountView:
    """A signed-in account as pages show it."""

    name: str
    email: str
    tenant_name: str
    picture_url: str | None = None


def account_view(user: UserSnapshot, names: TenantNames) -> AccountView:
    """Return an account, signed in or on the way."""
    picture = user.picture_id and url_for("pictures.image", picture_id=user.picture_id)
    return AccountView(user.name, user.email, names.of(user.tenant_id), picture)
