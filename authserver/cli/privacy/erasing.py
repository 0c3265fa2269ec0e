"""`authserver privacy erase|keep|hold|lift|erasures|receipt`: erasures, for operators."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.cli.people.people import EMAIL, TENANT, find
from authserver.core.database.engine import Transaction
from authserver.privacy.erasure.service import of_tenant
from authserver.privacy.erasure.values import By, ErasureView, State, Whom
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug
from authserver.wiring.privacy import make_erasures, make_holds, make_receipts
from authserver.wiring.services import Services

REASON = click.option("--reason", required=True, help="Why; it is encrypted in the trail.")
T = TypeVar("T")


class _Named(NamedTuple):
    slug: str
    email: str


def add(group: click.Group) -> None:
    """Add the commands to `authserver privacy`."""
    for one in (erase, again, keep, hold, lift, erasures, receipt):
        group.add_command(one)


@make_command(
    "erase",
    example="authserver privacy erase --tenant globex --email ada@globex.example"
    " --reason 'asked by letter of 3 May'",
)
@TENANT
@EMAIL
@REASON
def erase(settings: Settings, *, slug: str, email: str, reason: str) -> Report:
    """Let a person be erased when the tenant's waiting time is over; they are told by mail."""
    whom = _Named(slug, email)
    made = _done(settings, whom, lambda services: make_erasures(services).order, reason=reason)
    when = f"{made.due_at:%Y-%m-%d %H:%M} UTC" if made.due_at else ""
    return Report(_document(made), f"{email} will be erased after {when}.")


@make_command(
    "erase-again",
    example="authserver privacy erase-again --tenant globex --from erasures.json",
)
@TENANT
@click.option(
    "--from",
    "path",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="What `authserver privacy erasures --json` said before.",
)
def again(settings: Settings, *, slug: str, path: Path) -> Report:
    """Erase everybody at once whom a restored, older database has brought back."""
    services = opened(settings)
    erasing, ids = make_erasures(services), _erased(path)

    def job(transaction: Transaction, tenant: Tenant) -> list[str]:
        return [
            user_id
            for user_id in ids
            if erasing.repeat(transaction, Whom(tenant.id, user_id), by=_by(tenant))
        ]

    back = change(services, slug, job)
    return Report({"tenant": slug, "erased_again": back}, f"{len(back)} people are erased again.")


def _erased(path: Path) -> list[str]:
    """Return the ids of who was erased. Raises UsageError for another file."""
    try:
        found = json.loads(path.read_bytes())["erasures"]
        return [one["user_id"] for one in found if one["state"] == State.DONE]
    except (ValueError, KeyError, TypeError) as error:
        raise click.UsageError(f"{path} is no list of erasures.") from error


@make_command("keep", example="authserver privacy keep --tenant globex --email ada@globex.example")
@TENANT
@EMAIL
def keep(settings: Settings, *, slug: str, email: str) -> Report:
    """Call an erasure off that has not begun."""
    whom = _Named(slug, email)
    made = _done(settings, whom, lambda services: make_erasures(services).cancel)
    return Report(_document(made), f"{email} stays.")


@make_command(
    "hold",
    example="authserver privacy hold --tenant globex --email ada@globex.example"
    " --reason 'case 17/26'",
)
@TENANT
@EMAIL
@REASON
def hold(settings: Settings, *, slug: str, email: str, reason: str) -> Report:
    """Put a person under a legal hold: nothing of them is erased until it is lifted."""
    whom = _Named(slug, email)
    held = _done(settings, whom, lambda services: make_holds(services).set, reason=reason)
    document = {"id": held.id, "set_at": held.set_at.isoformat()}
    return Report(document, f"Nothing of {email} is erased until the hold is lifted.")


@make_command("lift", example="authserver privacy lift --tenant globex --email ada@globex.example")
@TENANT
@EMAIL
def lift(settings: Settings, *, slug: str, email: str) -> Report:
    """Lift a legal hold: an erasure that waits behind it goes on."""
    whom = _Named(slug, email)
    lifted = _done(settings, whom, lambda services: make_holds(services).lift)
    document = {"id": lifted.id, "lifted_at": lifted.lifted_at and lifted.lifted_at.isoformat()}
    return Report(document, f"The legal hold of {email} is lifted.")


@make_command("erasures", example="authserver privacy erasures --tenant globex --json")
@TENANT
def erasures(settings: Settings, *, slug: str) -> Report:
    """List erasures: those that wait, and those that were done."""
    services = opened(settings)
    erasing = make_erasures(services)
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        rows = [*view.tenant(tenant.id).scalars(of_tenant())]
        found = [erasing.one(view, tenant.id, row.id) for row in rows]
    lines = [f"  {one.id} {one.state:<9} {one.user_id}{' held' * one.held}" for one in found]
    text = "\n".join([f"{len(found)} erasures of {slug}", *lines])
    return Report({"tenant": slug, "erasures": [_document(one) for one in found]}, text)


@make_command(
    "receipt",
    example="authserver privacy receipt --tenant globex era_01jd0c0000e00r000000000000",
)
@TENANT
@click.argument("erasure_id")
def receipt(settings: Settings, *, slug: str, erasure_id: str) -> Report:
    """Print the signed receipt of an erasure that was done."""
    services = opened(settings)
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        signed = make_receipts(services).of(view, tenant.id, erasure_id)
    return Report({"erasure": erasure_id, "receipt": signed}, signed)


def _done(
    settings: Settings, named: _Named, act: Callable[[Services], Callable[..., T]], **said: str
) -> T:
    """Have a service do something about a person, for the operator. Raises NotFound, and its own.

    The account is found within the transaction that changes it.
    """
    services = opened(settings)
    does = act(services)

    def job(transaction: Transaction, tenant: Tenant) -> T:
        whom = Whom(tenant.id, find(transaction, tenant, named.email).id)
        return does(transaction, whom, by=_by(tenant), **said)

    return change(services, named.slug, job)


def _by(tenant: Tenant) -> By:
    return By(operator(tenant.id), tenant.id)


def _document(one: ErasureView) -> dict[str, Any]:
    moments = {name: getattr(one, name) for name in ("asked_at", "due_at", "ended_at")}
    return {
        "id": one.id,
        "user_id": one.user_id,
        "state": one.state.value,
        "held": one.held,
        "asked_by": one.asked_by,
        **{name: at and at.isoformat() for name, at in moments.items()},
        "removed": dict(one.removed),
    }
