"""`authserver connections`: providers where people may sign in, the platform's or a tenant's."""

from typing import Any

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.connections import options, said, switching
from authserver.cli.opened import opened
from authserver.cli.people.people import typed
from authserver.core.database.engine import Transaction
from authserver.federation.service import Ended
from authserver.federation.values import Connection, Kind
from authserver.settings import Settings


@click.group(
    "connections",
    epilog="\b\nExample:\n  authserver connections create google --kind google --label Google"
    " --client-id 1234.apps.googleusercontent.com --secret-stdin < secret",
)
def command() -> None:
    """Let people sign in by a provider: of the platform, or of one tenant."""


for switch in switching.COMMANDS:
    command.add_command(switch)


@make_command(
    "create",
    group=command,
    example=(
        "authserver connections create entra --tenant globex --kind azure_ad --label Globex"
        " --client-id 11111111-2222-4333-8444-555555555555"
        " --allow 66666666-7777-4888-8999-000000000000 --secret-stdin < secret"
    ),
)
@options.NAME
@options.TENANT
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in Kind]),
    required=True,
    help="Which provider it is; `oidc` is any that speaks OpenID Connect.",
)
@click.option(
    "--server",
    default="",
    help="The provider's base URL, https: the issuer (oidc), a GitHub Enterprise Server, a national"
    " cloud of Entra.",
)
@options.fields(required=True)
@options.SECRET
@click.option("--disabled", is_flag=True, help="Make it, and let nobody use it yet.")
def create(settings: Settings, *, name: str, slug: str | None, **asked: Any) -> Report:  # noqa: ANN401  the options above
    """Make a connection, and print the redirect URIs to register at the provider.

    NAME is what commands and applications (`idp_hint`) call it; it stays, as kind and server do.
    """
    services = opened(settings)
    secret = typed() if asked.pop("secret_stdin") else ""
    kind, disabled = Kind(asked.pop("kind")), asked.pop("disabled")
    fields = options.given(asked)

    def job(transaction: Transaction) -> tuple[Connection, list[str]]:
        owner = options.owner_of(transaction, slug)
        wanted = Connection("", owner, kind, name, enabled=not disabled, **fields)
        made = services.federation.connections.create(
            transaction, wanted, secret=secret, actor=operator("")
        )
        return made, said.redirect_uris(services, transaction, made)

    made, uris = services.database.write(job)
    services.watch.changed()
    text = f"Made the connection {name} ({made.id}). Register at the provider:\n"
    document = {**said.document(made, slug), "redirect_uris": uris}
    return Report(document, text + "\n".join(f"  {uri}" for uri in uris))


@make_command(
    "set",
    group=command,
    example="authserver connections set github --allow globex --allow initech",
)
@options.NAME
@options.TENANT
@options.fields(required=False)
def change(settings: Settings, *, name: str, slug: str | None, **asked: Any) -> Report:  # noqa: ANN401  the options above
    """Change a connection; what is not given stays. A list that is given replaces the one before.

    Sign-ins under way begin anew. A narrower --allow signs out everybody who came by it, as nobody
    can tell who still may; --no-trusts-amr who has a second factor; --link-only where the tenant
    says so.
    """
    changes = options.given(asked)
    if not changes:
        raise click.UsageError("Give at least one setting.")
    services = opened(settings)

    def job(transaction: Transaction) -> tuple[Connection, Ended]:
        return services.federation.connections.change(
            transaction,
            options.owner_of(transaction, slug),
            name,
            changes=changes,
            actor=operator(""),
        )

    changed, ended = services.database.write(job)
    services.watch.changed()
    document = {
        **said.document(changed, slug),
        "ended_sign_ins": ended.sign_ins,
        "signed_out": ended.people,
    }
    text = f"The connection {name} is now:\n{said.facts(changed)}"
    return Report(document, "\n".join(filter(None, (text, said.ended(ended).strip()))))


@make_command("show", group=command, example="authserver connections show google")
@options.NAME
@options.TENANT
def show(settings: Settings, *, name: str, slug: str | None) -> Report:
    """Show a connection, and the redirect URIs to register at the provider."""
    services = opened(settings)
    with services.database.read() as view:
        owner = options.owner_of(view, slug)
        found = services.federation.connections.get(view, owner, name)
        uris = said.redirect_uris(services, view, found)
    text = [said.facts(found), "Redirect URIs to register at the provider:"]
    document = {**said.document(found, slug), "redirect_uris": uris}
    return Report(document, "\n".join([*text, *(f"  {uri}" for uri in uris)]))


@make_command("list", group=command, example="authserver connections list --tenant globex --json")
@options.TENANT
def list_connections(settings: Settings, *, slug: str | None) -> Report:
    """List the platform's connections, or a tenant's own, in the order of their buttons."""
    services = opened(settings)
    with services.database.read() as view:
        owner = options.owner_of(view, slug)
        found = services.federation.connections.all_of(view, owner)
    lines = [f"{len(found)} connections of {slug or 'the platform'}", *map(said.line, found)]
    return Report({"connections": [said.document(one, slug) for one in found]}, "\n".join(lines))
