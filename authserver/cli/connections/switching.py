"""`authserver connections enable`, `disable`, `remove` and `set-secret`."""

from functools import partial

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.connections import options, said
from authserver.cli.opened import opened
from authserver.cli.people.people import typed
from authserver.core.database.engine import Transaction
from authserver.federation.administration.ending import without_another_way
from authserver.federation.administration.trying import Verdict, attempt
from authserver.federation.connections import client_secret
from authserver.federation.service import Ended
from authserver.federation.values import Connection
from authserver.settings import Settings
from authserver.wiring.services import Services


@make_command("enable", example="authserver connections enable google")
@options.NAME
@options.TENANT
def enable(settings: Settings, *, name: str, slug: str | None) -> Report:
    """Let people sign in by a connection again; what ended stays ended."""
    services = opened(settings)

    def job(transaction: Transaction) -> Connection:
        owner = options.owner_of(transaction, slug)
        return services.federation.connections.enable(transaction, owner, name, actor=operator(""))

    found = services.database.write(job)
    services.watch.changed()
    return Report(said.document(found, slug), f"People can sign in by {name}.")


@make_command("disable", example="authserver connections disable google")
@options.NAME
@options.TENANT
def disable(settings: Settings, *, name: str, slug: str | None) -> Report:
    """Let nobody sign in by a connection any more, whoever is on the way neither.

    Who came by it stays signed in, unless the tenant says otherwise: `authserver tenants set
    --ends-federated-sessions`. The links stay.
    """
    services = opened(settings)

    def job(transaction: Transaction) -> tuple[Connection, Ended, int]:
        owner = options.owner_of(transaction, slug)
        found, ended = services.federation.connections.disable(
            transaction, owner, name, actor=operator("")
        )
        return found, ended, without_another_way(transaction, found.id)

    found, ended, stranded = services.database.write(job)
    services.watch.changed()
    document = {
        **said.document(found, slug),
        "ended_sign_ins": ended.sign_ins,
        "signed_out": ended.people,
        "without_another_way": stranded,
    }
    text = f"Nobody can sign in by {name}.{said.ended(ended)}{_stranded(stranded)}"
    return Report(document, text)


@make_command("remove", example="authserver connections remove google")
@options.NAME
@options.TENANT
def remove(settings: Settings, *, name: str, slug: str | None) -> Report:
    """Remove a connection that is disabled, with everybody's links by it.

    Everybody who is linked is signed out and gets a mail that says how to get a password. It goes
    on where it was interrupted, when it is asked for again.
    """
    services = opened(settings)
    with services.database.read() as view:
        owner = options.owner_of(view, slug)
        found = services.federation.connections.get(view, owner, name)
        stranded = without_another_way(view, found.id)
    people = _unlink(services, owner, name)
    services.database.write(
        lambda transaction: services.federation.removal.remove(
            transaction, owner, name, actor=operator("")
        )
    )
    services.watch.changed()
    document = {"id": found.id, "name": name, "tenant": slug, "unlinked": people}
    document["without_another_way"] = stranded
    text = f"Removed {name}. People whose accounts were linked by it: {people}."
    return Report(document, text + _stranded(stranded))


@make_command("set-secret", example="authserver connections set-secret google < secret")
@options.NAME
@options.TENANT
def set_secret(settings: Settings, *, name: str, slug: str | None) -> Report:
    """Read another client secret from standard input, and use it from now on.

    Let the provider make a second one first, and end the old one there afterwards.
    """
    services, secret = opened(settings), typed()

    def job(transaction: Transaction) -> Connection:
        owner = options.owner_of(transaction, slug)
        return services.federation.connections.set_secret(
            transaction, owner, name, secret=secret, actor=operator("")
        )

    found = services.database.write(job)
    services.watch.changed()
    return Report(said.document(found, slug), f"{name} uses another client secret.")


@make_command("test", example="authserver connections test google")
@options.NAME
@options.TENANT
def test(settings: Settings, *, name: str, slug: str | None) -> Report:
    """Ask the provider whether it is there, and whether it knows us by our secret."""
    services = opened(settings)
    with services.database.read() as view:
        owner = options.owner_of(view, slug)
        found = services.federation.connections.get(view, owner, name)
        secret = client_secret(view, found.id, services.keyring)
    tried = attempt(services.connectors.of(found, secret), found, services.settings.issuer)
    document = {"verdict": tried.verdict.value, "authorization_endpoint": tried.authorization_url}
    return Report({"name": name, "tenant": slug, **document}, f"{name}: {_TRIED[tried.verdict]}")


_TRIED = {
    Verdict.WORKS: "the provider is there and knows us.",
    Verdict.REACHABLE: "the provider is there; whether it knows us, the first sign-in shows.",
    Verdict.SECRET_REFUSED: "the provider is there and does not know us by this secret.",
    Verdict.UNREACHABLE: "the provider cannot be reached; the log says why.",
}
COMMANDS = (enable, disable, remove, set_secret, test)


def _unlink(services: Services, owner: str | None, name: str) -> int:
    """End every link, a few people at a time: nobody waits long for the database."""
    some = partial(
        services.federation.removal.unlink_some, owner=owner, name=name, actor=operator("")
    )
    people = 0
    while ended := services.database.write(some):
        people += ended
    return people


def _stranded(people: int) -> str:
    if not people:
        return ""
    return (
        f" People who have no other way to sign in: {people}. They get one by 'Forgot your"
        " password?' on the sign-in page."
    )
