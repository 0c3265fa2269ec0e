"""`authserver users list` and `show`: who there is, and what is theirs."""

import click

from authserver.accounts.models import User
from authserver.cli.command import Report
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.cli.people.people import EMAIL, TENANT, find
from authserver.federation.identities import Linked
from authserver.people.details import Factors, SignedIn, Standing
from authserver.people.search import Order, Wanted, roles_of_each
from authserver.people.search import Standing as State
from authserver.people.search import find as search_for
from authserver.settings import Settings
from authserver.tenants.service import get_by_slug
from authserver.wiring.people.operations import make_details

_MOST = 1000


@make_command("list", example="authserver users list --tenant globex --search love --json")
@TENANT
@click.option("--search", help="How the address, the name, or the last name begins.")
@click.option("--role", help="Only those who hold this role.")
@click.option("--state", type=click.Choice([one.value for one in State]), help="Only these.")
@click.option("--guests/--no-guests", "guest", default=None, help="Only guest accounts, or none.")
@click.option(
    "--limit",
    type=click.IntRange(1, _MOST),
    default=100,
    show_default=True,
    help="At most so many.",
)
def list_users(settings: Settings, *, slug: str, limit: int, **asked: str | bool | None) -> Report:
    """List people by name."""
    services = opened(settings)
    state = State(str(asked["state"])) if asked["state"] else None
    search, role = (str(asked[name]) if asked[name] else None for name in ("search", "role"))
    guest = asked["guest"] if isinstance(asked["guest"], bool) else None
    now = services.clock.now()
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        wanted = Wanted(search, state, role, guest=guest)
        session = view.tenant(tenant.id)
        found = search_for(session, wanted, order=Order.NAME, now=now, most=limit).people
        roles = roles_of_each(view, tenant.id, [user.id for user in found], now=now)
        people = [_row(user, roles[user.id]) for user in found]
    lines = [f"  {one['id']}  {one['email']:<40} {one['name']}" for one in people]
    text = "\n".join([f"{len(people)} people of {slug}", *lines])
    return Report({"tenant": slug, "users": people}, text)


@make_command("show", example="authserver users show --tenant globex --email ada@globex.example")
@TENANT
@EMAIL
def show(settings: Settings, *, slug: str, email: str) -> Report:
    """Show a person: roles, locks, second factors, linked sign-ins, sessions."""
    services = opened(settings)
    details = make_details(services)
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        user = find(view, tenant, email)
        standing = details.of(view, tenant.id, user.id)
        factors = details.factors(view, user)
        sessions = details.sessions(view, tenant.id, user.id)
        linked = services.upstream.identities.of_person(view, user)
    document = {
        "tenant": slug,
        **_standing(standing),
        "factors": _factors(factors),
        "identities": [_identity(one) for one in linked],
        "sessions": [_session(one) for one in sessions],
    }
    return Report(document, "\n".join(_lines(document, slug)))


def _row(user: User, roles: tuple[str, ...]) -> dict[str, object]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "roles": list(roles),
        "guest": user.home_user_id is not None,
        "enabled": user.disabled_at is None,
        "verified": user.email_verified,
    }


def _standing(found: Standing) -> dict[str, object]:
    locked = found.failures.locked_until
    return {
        **_row(found.user, found.roles),
        "has_password": found.user.password_hash is not None,
        "failed_sign_ins": found.failures.count,
        "locked_until": locked.isoformat() if locked else None,
        "profile": {name: text for name, text in found.profile.flat.items() if text},
    }


def _factors(found: Factors) -> dict[str, object]:
    return {
        "apps": [one.name for one in found.apps],
        "passkeys": [one.name for one in found.passkeys],
        "backup_codes_left": found.codes_left,
        "mandatory": found.mandatory,
    }


def _identity(one: Linked) -> dict[str, object]:
    return {"id": one.id, "provider": one.connection_label, "label": one.label}


def _session(one: SignedIn) -> dict[str, object]:
    return {
        "id": one.id,
        "issuer": one.issuer,
        "device": str(one.trace.device),
        "address": one.trace.address,
        "last_seen_at": one.last_seen_at.isoformat(),
    }


def _lines(document: dict[str, object], slug: str) -> list[str]:
    said = [f"{document['email']} ({document['id']}) in {slug}"]
    for name, value in document.items():
        if name in {"tenant", "id", "email"}:
            continue
        if isinstance(value, list):
            said += [f"  {name}: {len(value)}", *(f"    {_said(one)}" for one in value)]
        else:
            said.append(f"  {name}: {_said(value)}")
    return said


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_said(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
