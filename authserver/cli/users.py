"""`authserver users`: people's accounts and roles."""

import click

from authserver.accounts.guests import NewGuest, create_guest
from authserver.accounts.passwords.stored import check_import
from authserver.accounts.service import NewAccount
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.cli.people import access, importing, looking, passwords, people, profile
from authserver.core.database.engine import Transaction
from authserver.core.values.reasons import MOST_REASON, check_reason
from authserver.mfa.claims import Gone
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug
from authserver.wiring.services import Services

_ROLES = click.option("--role", "roles", multiple=True, help="A role; may be given again.")


@click.group(
    "users",
    epilog="\b\nExample:\n  authserver users disable --tenant globex --email ada@globex.example",
)
def command() -> None:
    """Create people's accounts, give roles and passwords, end sessions, disable and enable."""


command.add_command(passwords.require_password_change)
command.add_command(passwords.set_password)
command.add_command(profile.set_profile)
command.add_command(access.end_sessions)
command.add_command(access.send_reset)
command.add_command(access.unlock)
command.add_command(looking.list_users)
command.add_command(looking.show)
command.add_command(importing.import_users)
command.add_command(importing.list_imports)
command.add_command(importing.cancel_import)


@make_command(
    "create",
    group=command,
    example=(
        "authserver users create --tenant globex --email ada@globex.example --name Ada"
        " --role admin --password-stdin"
    ),
)
@people.TENANT
@click.option("--email", help="The person's email address; needed unless it is a guest's.")
@click.option("--name", help="The person's name; needed unless it is a guest's.")
@_ROLES
@click.option(
    "--guest-of",
    "home",
    metavar="TENANT/EMAIL",
    help="A person of another tenant, who signs in there: address and name are the same.",
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option(
    "--password-hash-stdin",
    is_flag=True,
    help="Read a bcrypt or Argon2 hash from standard input: a password from another system.",
)
@click.option("--verified", is_flag=True, help="The address is known to be the person's.")
def create(
    settings: Settings, *, slug: str, email: str | None, name: str | None, **how: object
) -> Report:
    """Create an account. Without a password or a hash it has no password yet.

    An imported hash is replaced by one of this server's own at the first sign-in. A guest account
    has no password: its person signs in with the account at home.
    """
    if how["password_stdin"] and how["password_hash_stdin"]:
        raise click.UsageError("Give either --password-stdin or --password-hash-stdin.")
    services, roles = opened(settings), _texts(how["roles"])
    if how["home"]:
        if how["password_stdin"] or how["password_hash_stdin"] or how["verified"]:
            raise click.UsageError("A guest account has no password, and its address no proof.")
        return _create_guest(services, slug, str(how["home"]), email=email, name=name, roles=roles)
    if not email or not name:
        raise click.UsageError("An account needs --email and --name, or --guest-of.")
    password_hash = None
    if how["password_stdin"]:
        password_hash = people.hashed(services, slug, email=email, name=name)
    elif how["password_hash_stdin"]:
        password_hash = check_import(people.typed())

    def job(transaction: Transaction, tenant: Tenant) -> tuple[str, str, list[str]]:
        wanted = services.roles.check_names(transaction, tenant.id, roles=roles)
        account = NewAccount(tenant.id, email, name, password_hash, verified=bool(how["verified"]))
        user = services.accounts.create(transaction, account, actor=operator(tenant.id))
        given = _set_roles(services, transaction, tenant, user_id=user.id, roles=sorted(wanted))
        return user.id, user.email, given

    user_id, address, given = change(services, slug, job)
    document = {"id": user_id, "tenant": slug, "email": address, "roles": given}
    return Report(document, f"Created {address} ({user_id}) in {slug}: {_listed(given)}.")


def _create_guest(
    services: Services,
    slug: str,
    home: str,
    *,
    email: str | None,
    name: str | None,
    roles: tuple[str, ...],
) -> Report:
    home_slug, _, home_email = home.partition("/")

    def job(transaction: Transaction, tenant: Tenant) -> tuple[str, str, list[str]]:
        wanted = services.roles.check_names(transaction, tenant.id, roles=roles)
        at_home = people.find(transaction, get_by_slug(transaction, home_slug), home_email)
        guest = NewGuest(tenant.id, at_home.tenant_id, at_home.id, email=email, name=name)
        user = create_guest(services.accounts, transaction, guest, actor=operator(tenant.id))
        given = _set_roles(services, transaction, tenant, user_id=user.id, roles=sorted(wanted))
        return user.id, user.email, given

    user_id, address, given = change(services, slug, job)
    document = {"id": user_id, "tenant": slug, "email": address, "roles": given, "home": home}
    said = f"Created {address} ({user_id}), a guest of {home_slug}, in {slug}: {_listed(given)}."
    return Report(document, said)


@make_command(
    "set-roles",
    group=command,
    example="authserver users set-roles --tenant globex --email ada@globex.example --role admin",
)
@people.TENANT
@people.EMAIL
@_ROLES
def set_roles(settings: Settings, *, slug: str, email: str, roles: tuple[str, ...]) -> Report:
    """Replace a person's roles; without --role the person has none. Holds for the next token."""
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> list[str]:
        user = people.find(transaction, tenant, email)
        return _set_roles(services, transaction, tenant, user_id=user.id, roles=roles)

    given = change(services, slug, job)
    document = {"tenant": slug, "email": email, "roles": given}
    return Report(document, f"{email} in {slug}: {_listed(given)}.")


@make_command(
    "disable",
    group=command,
    example="authserver users disable --tenant globex --email ada@globex.example",
)
@people.TENANT
@people.EMAIL
def disable(settings: Settings, *, slug: str, email: str) -> Report:
    """Disable an account: its sessions and tokens end at once."""
    return _switch(settings, slug, email=email, enabled=False)


@make_command(
    "enable",
    group=command,
    example="authserver users enable --tenant globex --email ada@globex.example",
)
@people.TENANT
@people.EMAIL
def enable(settings: Settings, *, slug: str, email: str) -> Report:
    """Let a disabled account work again; what ended stays ended."""
    return _switch(settings, slug, email=email, enabled=True)


@make_command(
    "verify-email",
    group=command,
    example="authserver users verify-email --tenant globex --email ada@globex.example",
)
@people.TENANT
@people.EMAIL
def verify_email(settings: Settings, *, slug: str, email: str) -> Report:
    """Send a mail to prove the address. The proof wipes password, sessions and tokens of before."""
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> str:
        user = people.find(transaction, tenant, email)
        services.mailed.verification.send(transaction, user, actor=operator(tenant.id))
        return user.email

    address = change(services, slug, job)
    return Report({"tenant": slug, "email": address}, f"A mail to {address} is on its way.")


@make_command(
    "reset-factors",
    group=command,
    example="authserver users reset-factors --tenant globex --email ada@globex.example"
    " --reason 'Lost phone, identity checked at the desk, ticket 4711'",
)
@people.TENANT
@people.EMAIL
@click.option(
    "--reason",
    required=True,
    help=f"Why, and how you know who asks: for the trail, at most {MOST_REASON} characters.",
)
def reset_factors(settings: Settings, *, slug: str, email: str, reason: str) -> Report:
    """Take a person's apps, passkeys and backup codes away; sessions and tokens end.

    For somebody who lost them all, once you know who asks. The person gets a mail. The trail holds
    the reason, encrypted under the person's own key.
    """
    services, why = opened(settings), check_reason(reason)

    def job(transaction: Transaction, tenant: Tenant) -> Gone:
        user = people.find(transaction, tenant, email)
        by = operator(tenant.id)
        return services.factors.reset(transaction, tenant.id, user.id, by=by, reason=why)

    gone = change(services, slug, job)
    kinds = {"authenticators": gone.authenticators, "passkeys": gone.passkeys}
    document = {"tenant": slug, "email": email, **kinds}
    removed = f"{gone.authenticators} apps and {gone.passkeys} passkeys removed"
    return Report(document, f"{email} in {slug} has no second factor any more ({removed}).")


def _switch(settings: Settings, slug: str, *, email: str, enabled: bool) -> Report:
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> str:
        user = people.find(transaction, tenant, email)
        if not enabled:
            services.roles.check_may_leave(transaction, tenant.id, user.id)
        services.accounts.set_enabled(
            transaction,
            tenant.id,
            user_id=user.id,
            enabled=enabled,
            actor=operator(tenant.id),
        )
        return user.id

    user_id = change(services, slug, job)
    document = {"id": user_id, "tenant": slug, "email": email, "enabled": enabled}
    return Report(document, f"{email} in {slug} is {'enabled' if enabled else 'disabled'}.")


def _set_roles(
    services: Services,
    transaction: Transaction,
    tenant: Tenant,
    *,
    user_id: str,
    roles: tuple[str, ...] | list[str],
) -> list[str]:
    return services.roles.set_roles(
        transaction, tenant.id, user_id, roles=roles, actor=operator(tenant.id)
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, tuple) else ()


def _listed(roles: list[str]) -> str:
    return ", ".join(roles) or "no roles"
