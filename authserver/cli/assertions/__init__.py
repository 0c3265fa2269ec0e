"""`authserver assertions`: issuers whose word a tenant takes (RFC 7523)."""

from typing import Any

import click

from authserver.cli.assertions import options
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.core.database.engine import Transaction
from authserver.oauth.assertions.values import SubjectKind, Trusted
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug

_EXAMPLE = (
    "authserver assertions create build --tenant acme --issuer https://ci.example"
    " --jwks-uri https://ci.example/jwks --subject client --client cli_01h... --scope orders:read"
    " --machine repo:acme/shop=cli_01h..."
)


@click.group("assertions", epilog=f"\b\nExample:\n  {_EXAMPLE}")
def command() -> None:
    """Let clients bring others' assertions instead of secrets, or for people."""


@make_command("create", group=command, example=_EXAMPLE)
@options.NAME
@options.TENANT
@options.ISSUER
@options.SUBJECT
@options.fields
def create(settings: Settings, *, name: str, slug: str, subject: str, **asked: Any) -> Report:  # noqa: ANN401  the options above
    """Take an issuer's word for some clients and scopes of a tenant. NAME is what commands say."""
    services, values = opened(settings), options.given(asked)

    def job(transaction: Transaction, tenant: Tenant) -> Trusted:
        fields = options.resolved(services, transaction, tenant.id, values=values)
        wanted = Trusted(name=name, subject=SubjectKind(subject), **fields)
        return services.assertions.create(transaction, tenant.id, wanted, actor=operator(tenant.id))

    made = change(services, slug, job)
    return Report(_document(slug, made), f"{slug} takes the word of {made.issuer}:\n{_facts(made)}")


@make_command(
    "set",
    group=command,
    example="authserver assertions set build --tenant acme --scope orders:read --longest 120",
)
@options.NAME
@options.TENANT
@options.fields
def set_fields(settings: Settings, *, name: str, slug: str, **asked: Any) -> Report:  # noqa: ANN401  the options above
    """Change what an issuer is trusted for; what is not given stays, a list replaces another."""
    services, values = opened(settings), options.given(asked)
    if not values:
        raise click.UsageError("Give at least one setting.")

    def job(transaction: Transaction, tenant: Tenant) -> Trusted:
        changes = options.resolved(services, transaction, tenant.id, values=values)
        return services.assertions.change(
            transaction, tenant.id, name, changes=changes, actor=operator(tenant.id)
        )

    changed = change(services, slug, job)
    return Report(_document(slug, changed), f"{name} is now:\n{_facts(changed)}")


def _switch(settings: Settings, name: str, slug: str, *, enabled: bool) -> Report:
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> Trusted:
        changes = {"enabled": enabled}
        return services.assertions.change(
            transaction, tenant.id, name, changes=changes, actor=operator(tenant.id)
        )

    changed = change(services, slug, job)
    said = "is taken at its word again" if enabled else "is not taken at its word any more"
    return Report(_document(slug, changed), f"{name} {said}.")


@make_command("enable", group=command, example="authserver assertions enable build --tenant acme")
@options.NAME
@options.TENANT
def enable(settings: Settings, *, name: str, slug: str) -> Report:
    """Take an issuer's word again."""
    return _switch(settings, name, slug, enabled=True)


@make_command("disable", group=command, example="authserver assertions disable build --tenant acme")
@options.NAME
@options.TENANT
def disable(settings: Settings, *, name: str, slug: str) -> Report:
    """Take an issuer's word no more, for a while. Tokens that came of it end by themselves."""
    return _switch(settings, name, slug, enabled=False)


@make_command("remove", group=command, example="authserver assertions remove build --tenant acme")
@options.NAME
@options.TENANT
def remove(settings: Settings, *, name: str, slug: str) -> Report:
    """Forget an issuer. Assertions that were used stay used if it is made again."""
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> None:
        services.assertions.remove(transaction, tenant.id, name, actor=operator(tenant.id))

    change(services, slug, job)
    return Report({"tenant": slug, "name": name}, f"{name} is forgotten.")


@make_command("show", group=command, example="authserver assertions show build --tenant acme")
@options.NAME
@options.TENANT
def show(settings: Settings, *, name: str, slug: str) -> Report:
    """Show what an issuer is trusted for."""
    services = opened(settings)
    with services.database.read() as view:
        found = services.assertions.get(view, get_by_slug(view, slug).id, name)
    return Report(_document(slug, found), f"{name}:\n{_facts(found)}")


@make_command("list", group=command, example="authserver assertions list --tenant acme")
@options.TENANT
def list_issuers(settings: Settings, *, slug: str) -> Report:
    """List the issuers whose word a tenant takes."""
    services = opened(settings)
    with services.database.read() as view:
        found = services.assertions.all_of(view, get_by_slug(view, slug).id)
    lines = [
        f"  {one.name:<20} {one.issuer}{'' if one.enabled else '  (disabled)'}" for one in found
    ]
    text = "\n".join([f"{slug}: {len(found)} issuers of assertions", *lines])
    return Report({"tenant": slug, "issuers": [_document(slug, one) for one in found]}, text)


def _document(slug: str, trusted: Trusted) -> dict[str, object]:
    return {
        "tenant": slug,
        "id": trusted.id,
        "name": trusted.name,
        "issuer": trusted.issuer,
        "subject": trusted.subject.value,
        "jwks": trusted.jwks,
        "jwks_uri": trusted.jwks_uri,
        "algorithms": list(trusted.algorithms),
        "clients": list(trusted.clients),
        "scopes": list(trusted.scopes),
        "machines": dict(trusted.subjects),
        "connection_id": trusted.connection_id,
        "longest": trusted.longest,
        "trusts_amr": trusted.trusts_amr,
        "enabled": trusted.enabled,
    }


def _facts(trusted: Trusted) -> str:
    keys = trusted.jwks_uri or "registered"
    machines = ", ".join(f"{sub} is {client}" for sub, client in trusted.subjects.items())
    facts = {
        "issuer": trusted.issuer,
        "keys": keys,
        "signs with": ", ".join(trusted.algorithms),
        "clients": ", ".join(trusted.clients),
        "scopes": ", ".join(trusted.scopes) or "none",
        "sub leads to": trusted.subject.value + (f": {machines}" if machines else ""),
        "good for": f"{trusted.longest} seconds",
        "enabled": "yes" if trusted.enabled else "no",
    }
    return "\n".join(f"  {name:<13} {value}" for name, value in facts.items())
