"""`authserver domains`: email domains that are a tenant's own, and where their people sign in."""

from datetime import datetime

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.core.problems import Unavailable
from authserver.settings import Settings
from authserver.tenants.proving.service import Domain
from authserver.tenants.service import get_by_slug

_TENANT = click.option("--tenant", "slug", required=True, help="The tenant's slug.")
_DOMAIN = click.argument("domain")


@click.group(
    "domains",
    epilog="\b\nExample:\n  authserver domains add globex.example --tenant globex",
)
def command() -> None:
    """Prove that an email domain is a tenant's own, and send its people to their provider."""


@make_command("add", group=command, example="authserver domains add globex.example --tenant globex")
@_DOMAIN
@_TENANT
def add(settings: Settings, *, domain: str, slug: str) -> Report:
    """Begin to prove a domain: print the TXT record that has to be made in the DNS."""
    services = opened(settings)
    added = change(
        services,
        slug,
        lambda transaction, tenant: services.federation.domains.add(
            transaction, tenant.id, domain, actor=operator(tenant.id)
        ),
    )
    name, value = added.record
    text = f'Make this record, then `authserver domains verify`:\n  {name}. TXT "{value}"'
    return Report(_document(added, slug), text)


@make_command(
    "verify", group=command, example="authserver domains verify globex.example --tenant globex"
)
@_DOMAIN
@_TENANT
def verify(settings: Settings, *, domain: str, slug: str) -> Report:
    """Look for the record, and count the domain as proved if it is there.

    It has to stay: it is looked for every day, and after it is gone the domain is lost.
    """
    services = opened(settings)
    with services.database.read() as view:
        tenant_id = get_by_slug(view, slug).id
    done = services.federation.lookups.verify(tenant_id, domain, actor=operator(tenant_id))
    services.watch.changed()
    text = f"{done.domain} is proved to be a domain of {slug}. Leave the record there."
    return Report(_document(done, slug), text)


@make_command("check", group=command, example="authserver domains check --tenant globex")
@_TENANT
def check(settings: Settings, *, slug: str) -> Report:
    """Look whether the records of a tenant's proved domains are still there.

    The server does it once a day. A domain whose record was missed for 3 days counts as proved no
    more. Where the DNS gives no answer, nothing changes and the command ends with 1.
    """
    services = opened(settings)
    lookups, domains = services.federation.lookups, services.federation.domains
    with services.database.read() as view:
        tenant_id = get_by_slug(view, slug).id
        proved = [one.domain for one in domains.all_of(view, tenant_id) if one.verified_at]
    seen, unanswered = [], []
    for domain in proved:
        try:
            seen.append(lookups.look_again(tenant_id, domain, actor=operator(tenant_id)))
        except Unavailable:
            unanswered.append(domain)
    services.watch.changed()
    if unanswered:
        raise Unavailable(f"The DNS gives no answer about {', '.join(unanswered)} now.")
    lines = [f"Looked at {len(seen)} domains of {slug}", *map(_line, seen)]
    return Report({"domains": [_document(one, slug) for one in seen]}, "\n".join(lines))


@make_command("list", group=command, example="authserver domains list --tenant globex --json")
@_TENANT
def list_domains(settings: Settings, *, slug: str) -> Report:
    """List a tenant's domains, with the records that prove them."""
    services = opened(settings)
    with services.database.read() as view:
        found = services.federation.domains.all_of(view, get_by_slug(view, slug).id)
    lines = [f"{len(found)} domains of {slug}", *map(_line, found)]
    return Report({"domains": [_document(one, slug) for one in found]}, "\n".join(lines))


@make_command(
    "route",
    group=command,
    example="authserver domains route globex.example --tenant globex --connection entra",
)
@_DOMAIN
@_TENANT
@click.option("--connection", "name", help="The tenant's own connection, or one of the platform's.")
@click.option("--nowhere", is_flag=True, help="Let them sign in as everybody does.")
def route(settings: Settings, *, domain: str, slug: str, name: str | None, nowhere: bool) -> Report:
    """Send people with addresses of a domain straight to a connection, while it is proved."""
    if (name is None) is not nowhere:
        raise click.UsageError("Give either --connection or --nowhere.")
    services = opened(settings)
    done = change(
        services,
        slug,
        lambda transaction, tenant: services.federation.routing.send(
            transaction, tenant.id, domain, name=name, actor=operator(tenant.id)
        ),
    )
    where = f"go to {name}" if name else "sign in as everybody does"
    text = f"People of {done.domain} {where}."
    if name and done.verified_at is None:
        text += " This begins when the domain is proved."
    return Report(_document(done, slug), text)


@make_command(
    "remove", group=command, example="authserver domains remove globex.example --tenant globex"
)
@_DOMAIN
@_TENANT
def remove(settings: Settings, *, domain: str, slug: str) -> Report:
    """Give a domain up. Who is signed in stays; links that were made stay."""
    services = opened(settings)
    change(
        services,
        slug,
        lambda transaction, tenant: services.federation.domains.remove(
            transaction, tenant.id, domain, actor=operator(tenant.id)
        ),
    )
    return Report({"domain": domain, "tenant": slug}, f"{domain} is no domain of {slug} any more.")


def _document(domain: Domain, slug: str) -> dict[str, object]:
    name, value = domain.record
    return {
        "id": domain.id,
        "domain": domain.domain,
        "tenant": slug,
        "proved": domain.verified_at is not None,
        "verified_at": _time(domain.verified_at),
        "checked_at": _time(domain.checked_at),
        "missing_since": _time(domain.missing_since),
        "connection_id": domain.connection_id,
        "record_name": name,
        "record_value": value,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _line(domain: Domain) -> str:
    state = "proved" if domain.verified_at else "not proved"
    if domain.missing_since:
        state += f", record missing since {domain.missing_since:%Y-%m-%d}"
    name, value = domain.record
    return f'{domain.domain:32} {state}\n  {name}. TXT "{value}"'
