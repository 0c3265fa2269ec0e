"""Demo tenants, people and clients. Loading them again finds what is there."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from authserver.accounts.directory import snapshot
from authserver.accounts.guests import NewGuest, create_guest
from authserver.accounts.passwords.hasher import PooledHasher
from authserver.accounts.service import AccountService, NewAccount, find_by_email
from authserver.audit.events import Actor, ActorKind
from authserver.clients.models import Client
from authserver.clients.options import Options
from authserver.clients.policy import ALL_TENANTS
from authserver.clients.registration import Registration
from authserver.clients.secrets import Plan
from authserver.clients.service import ClientService
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id
from authserver.demo.app import DemoApp
from authserver.demo.config import (
    AUDIENCE,
    CALLBACK,
    LOGGED_OUT,
    SCOPES,
    SIGN_IN,
    SIGNED_OUT,
    ClientCredentials,
    DemoConfig,
)
from authserver.demo.people import PASSWORD, PEOPLE, TENANTS, DemoPerson
from authserver.roles.service import RoleService
from authserver.tenants.models import TenantType
from authserver.tenants.service import TenantService, find

# Here `tenant_id` is the slug: ids are not known yet.
CLIENTS = {
    "portal": Registration(
        "acme",
        "Demo Portal",
        "web",
        redirect_uris=(CALLBACK,),
        scopes=("openid", "profile", "email", "offline_access", *SCOPES),
        audiences=(AUDIENCE,),
        serves=(ALL_TENANTS,),
        options=Options(
            post_logout_redirect_uris=(SIGNED_OUT,),
            backchannel_logout_uri=LOGGED_OUT,
            backchannel_logout_session_required=True,
            initiate_login_uri=SIGN_IN,
        ),
    ),
    "partner": Registration(
        "initech",
        "Demo Partner",
        "partner",
        scopes=SCOPES,
        audiences=(AUDIENCE,),
        rate="60/minute",
        quota_day=5_000,
    ),
    "resource_server": Registration("acme", "Demo API", "service", audiences=(AUDIENCE,)),
}


@dataclass(frozen=True)
class Tools:
    """The services that loading needs."""

    database: Database
    hasher: PooledHasher
    tenants: TenantService
    accounts: AccountService
    roles: RoleService
    clients: ClientService
    app: DemoApp


def load(tools: Tools, issuer: str, written: DemoConfig | None) -> DemoConfig:
    """Make what is missing and return every client's credentials.

    `written` are those that were written down; a client whose secret is lost gets a new one.
    """
    tenants = {slug: _tenant(tools, slug) for slug in TENANTS}
    _people(tools, tenants)
    clients = {
        key: tools.database.write(
            _client_job(tools, tenants, key=key, known=getattr(written, key, None))
        )
        for key in CLIENTS
    }
    return DemoConfig(issuer=issuer, **clients)


def _tenant(tools: Tools, slug: str) -> str:
    name, kind = TENANTS[slug]

    def job(transaction: Transaction) -> str:
        present = find(transaction, slug)
        tenant = present or tools.tenants.create(
            transaction, slug, name=name, type=TenantType(kind), actor=_operator("")
        )
        return tenant.id

    return tools.database.write(job)


def _people(tools: Tools, tenants: dict[str, str]) -> None:
    with tools.database.read() as view:
        missing = [p for p in PEOPLE if not find_by_email(view, tenants[p.tenant], p.email)]
    if not missing:
        return
    password_hash = tools.hasher.hash(PASSWORD)
    for person in missing:
        tenant_id = tenants[person.tenant]
        tools.database.write(
            _guest_job(tools, person, tenant_id=tenant_id, home_id=tenants[person.home])
            if person.home
            else _person_job(tools, person, tenant_id=tenant_id, hashed=password_hash)
        )


def _guest_job(
    tools: Tools, person: DemoPerson, *, tenant_id: str, home_id: str
) -> Callable[[Transaction], None]:
    def job(transaction: Transaction) -> None:
        home = find_by_email(transaction, home_id, person.email)
        if home is None:
            raise ValueError("a guest is somebody's account at home, which comes first")
        actor = _operator(tenant_id)
        guest = NewGuest(tenant_id, home_id, home.id)
        user = create_guest(tools.accounts, transaction, guest, actor=actor)
        tools.roles.set_roles(transaction, tenant_id, user.id, roles=person.roles, actor=actor)

    return job


def _person_job(
    tools: Tools, person: DemoPerson, *, tenant_id: str, hashed: str
) -> Callable[[Transaction], None]:
    def job(transaction: Transaction) -> None:
        account = NewAccount(tenant_id, person.email, person.name, hashed, verified=True)
        actor = _operator(tenant_id)
        user = tools.accounts.create(transaction, account, actor=actor)
        tools.roles.set_roles(transaction, tenant_id, user.id, roles=person.roles, actor=actor)
        if person.has_app:
            tools.app.connect(transaction, snapshot(user), by=actor)

    return job


def _client_job(
    tools: Tools, tenants: dict[str, str], *, key: str, known: ClientCredentials | None
) -> Callable[[Transaction], ClientCredentials]:
    tenant_id = tenants[CLIENTS[key].tenant_id]
    asked, actor = replace(CLIENTS[key], tenant_id=tenant_id), _operator(tenant_id)

    def job(transaction: Transaction) -> ClientCredentials:
        client = _find(tools.clients.all_of(transaction, tenant_id), asked.name)
        if client is None:
            client, secret = tools.clients.register(transaction, asked, actor=actor)
            return ClientCredentials(client.id, secret or "")
        if known is not None and known.client_id == client.id:
            return known
        _, secret = tools.clients.rotate_secret(
            transaction, tenant_id, client.id, plan=Plan(), actor=actor
        )
        return ClientCredentials(client.id, secret)

    return job


def _find(clients: list[Client], name: str) -> Client | None:
    return next((client for client in clients if client.name == name), None)


def _operator(tenant_id: str) -> Actor:
    return Actor(ActorKind.OPERATOR, tenant_id, new_id("req"))
