"""People who have no account yet: where they come to, and whether what they chose is good enough.

For the links that make accounts. The address is proved by the link alone, and never typed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from authserver.accounts.passwords.policy import About, Rules, rules_of, weaknesses
from authserver.accounts.passwords.strength import Strength, strength
from authserver.accounts.policy import UnfitAccount, check_name
from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction
from authserver.tenants.models import Tenant
from authserver.tenants.numbers import Tightened

# Notes what a person of a tenant agreed to, in the transaction that makes the account.
Agreed = Callable[[Transaction, str, Actor], None]


def nothing_agreed(_transaction: Transaction, _tenant_id: str, _person: Actor) -> None:
    """Note nothing: there is nothing to agree to."""


@dataclass(frozen=True)
class House:
    """A tenant as somebody meets it who comes to join."""

    id: str
    slug: str
    name: str
    type: str
    suspended: bool
    password_preset: str
    mfa_required: bool
    tightened: Tightened | None

    @property
    def rules(self) -> Rules:
        """Return what a password needs."""
        return rules_of(self.password_preset, mfa_mandatory=self.mfa_required)


@dataclass(frozen=True)
class Newcomer:
    """What somebody chose: how to be called, and a password."""

    name: str
    password: str


class UnfitNewcomer(UnfitAccount):
    """The name cannot be used, or the password is too weak, or both."""

    code = "unfit_newcomer"

    def __init__(self, *, name_refused: bool, strength: Strength | None) -> None:
        """Say everything that is wrong at once."""
        said = ["The name cannot be used."] if name_refused else []
        said += map(str, strength.reasons) if strength else []
        super().__init__(" ".join(said))
        self.name_refused = name_refused
        self.strength = strength


def house(tenant: Tenant) -> House:
    """Return what newcomers need of a tenant's row."""
    return House(
        id=tenant.id,
        slug=tenant.slug,
        name=tenant.name,
        type=tenant.type,
        suspended=tenant.suspended_at is not None,
        password_preset=tenant.password_preset,
        mfa_required=tenant.mfa_required,
        tightened=tenant.tightened,
    )


def tenant_now(transaction: Transaction, tenant_id: str) -> Tenant:
    """Return the tenant's row as it is now. Raises LookupError where there is none."""
    tenant = transaction.tenant(tenant_id).get(Tenant, tenant_id, populate_existing=True)
    if tenant is None:
        raise LookupError(tenant_id)
    return tenant


def check_newcomer(newcomer: Newcomer, house: House, email: str) -> Newcomer:
    """Return what was chosen, the name as it is kept. Raises UnfitNewcomer."""
    name, refused = newcomer.name, False
    try:
        name = check_name(newcomer.name)
    except UnfitAccount:
        refused = True
    about = About(email, name, house.slug, house.name)
    found = None
    if weaknesses(newcomer.password, house.rules, about):
        found = strength(newcomer.password, house.rules, about)
    if refused or found:
        raise UnfitNewcomer(name_refused=refused, strength=found)
    return Newcomer(name, newcomer.password)
