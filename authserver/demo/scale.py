"""A large installation to measure: as many tenants, people and clients as a busy one has.

What there is of a kind is made once by its service. The others are copies of that row with names of
their own, so that a column that is added later is right here as well.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, product
from typing import Any

from sqlalchemy import Connection, select

from authserver.accounts.models import User
from authserver.accounts.service import NewAccount
from authserver.audit.events import Actor, ActorKind
from authserver.clients.models import Client, ClientSecret
from authserver.clients.registration import Registration
from authserver.clients.secrets import SECRET_PURPOSE
from authserver.core.database.engine import Transaction
from authserver.core.database.several import analyze, copy, values_of
from authserver.core.database.tenancy import Base
from authserver.core.ids import fingerprint, new_id
from authserver.demo.config import AUDIENCE, SCOPES
from authserver.demo.data import Tools
from authserver.demo.people import PASSWORD
from authserver.roles.models import RoleAssignment
from authserver.tenants.models import Tenant, TenantType
from authserver.tenants.service import find

_FIRST = ("Ada", "Ben", "Chloé", "Dörte", "Emre", "Fatima", "Grace", "Hugo", "Inés", "Jonas")
_MIDDLE = ("", "A. ", "B. ", "C. ", "D. ", "E. ", "F. ", "G. ", "H. ", "J. ")
_LAST = ("Becker", "Dubois", "García", "Hoffmann", "Ito", "Kaya", "Lovelace", "Moreau", "Núñez",
         "Okafor", "Petit", "Quist", "Rossi", "Sánchez", "Turing", "Umar", "Vidal", "Weber",
         "Young", "Zhang")  # fmt: skip
ROLE = "customer_viewer"
_MODEL = "model@scale.test"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Scale:
    """How much there is to be: half of the people are in the first tenant."""

    people: int = 1_000_000

    @property
    def tenants(self) -> int:
        """One for a thousand people."""
        return max(self.people // 1_000, 2)

    @property
    def clients(self) -> int:
        """One for a hundred people."""
        return max(self.people // 100, 2)

    def people_of(self, place: int) -> int:
        """Return how many people the tenant at a place has."""
        first = self.people // 2
        others, rest = divmod(self.people - first, self.tenants - 1)
        return first if place == 0 else others + (place <= rest)


@dataclass(frozen=True)
class Loaded:
    """What there is to be, and whether it was made just now: else it was there."""

    tenants: int
    people: int
    clients: int
    made: bool


def slug(place: int) -> str:
    """Return the slug of a tenant."""
    return f"scale-{place + 1:04}"


def address(number: int, place: int) -> str:
    """Return the email address of somebody; the first of a tenant is number 0."""
    return f"p{number:07}@{slug(place)}.test"


def client_secret(client_id: str) -> str:
    """Return the secret of a client: as public as the password of the people."""
    return f"scale-{client_id}"


def load_at_scale(tools: Tools, owner: Connection, scale: Scale, *, say: Say) -> Loaded:
    """Make what is missing. `owner` is a connection that may COPY; its transaction is open."""
    first = tools.database.write(lambda tx: _first(tools, tx))
    loaded = Loaded(scale.tenants, scale.people, scale.clients, made=first is not None)
    if first is None:
        return loaded
    say(f"making {scale.tenants:,} tenants")
    tenants = [tools.database.write(_tenant_job(tools, place)) for place in range(scale.tenants)]
    names = [_named(User, f"{a} {b}{c}") for a, b, c in product(_FIRST, _MIDDLE, _LAST)]
    for place, tenant_id in enumerate(tenants):
        if place % 100 == 0:
            say(f"copying {scale.people_of(place):,} people into {slug(place)}")
        house = _House(first.person, tenant_id, place=place, names=names)
        copy(owner, User, house.people(scale.people_of(place)))
        copy(owner, RoleAssignment, house.roles(first.role))
    say(f"copying {scale.clients:,} clients")
    clients = [*_clients(first.client, tenants, scale)]
    copy(owner, Client, clients)
    copy(owner, ClientSecret, (_secret(first.secret, client) for client in clients))
    analyze(owner, Tenant, User, RoleAssignment, Client, ClientSecret)
    return loaded


class _House:
    """One tenant's people, and who they became."""

    def __init__(
        self, model: dict[str, Any], tenant_id: str, *, place: int, names: list[dict[str, Any]]
    ) -> None:
        self._model, self._tenant_id, self._place, self._names = model, tenant_id, place, names
        self._ids: list[str] = []

    def people(self, count: int) -> Iterator[dict[str, Any]]:
        for number in range(count):
            email, moment = address(number, self._place), self._moment(number - count)
            self._ids.append(new_id("usr"))
            yield {
                **self._model,
                # Not in their order: lists by name and by address have to be sorted.
                **self._names[number * 7919 % len(self._names)],
                "id": self._ids[-1],
                "tenant_id": self._tenant_id,
                "email": email,
                "email_canonical": email,
                "created_at": moment,
                "updated_at": moment,
            }

    def roles(self, model: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for user_id in self._ids:
            yield {**model, "tenant_id": self._tenant_id, "user_id": user_id}

    def _moment(self, seconds: int) -> datetime:
        made: datetime = self._model["created_at"]
        return made + timedelta(seconds=seconds)


@dataclass(frozen=True)
class _First:
    """The rows that others are copies of."""

    person: dict[str, Any]
    role: dict[str, Any]
    client: dict[str, Any]
    secret: dict[str, Any]


def _first(tools: Tools, transaction: Transaction) -> _First | None:
    """Return one of each kind, made by its service; None where others are there already."""
    tenant_id = _tenant_job(tools, 0)(transaction)
    session = transaction.tenant(tenant_id)
    if session.scalar(select(User.id).where(User.email == address(0, 0))):
        return None
    user = session.scalar(select(User).where(User.email == _MODEL))
    if user is None:
        user = _make_models(tools, transaction, tenant_id)
    client = session.scalars(select(Client)).first()
    if client is None:
        raise ValueError("the model of clients is made together with that of people")
    one_role = select(RoleAssignment).where(RoleAssignment.user_id == user.id)
    one_secret = select(ClientSecret).where(ClientSecret.client_id == client.id)
    return _First(
        values_of(user),
        values_of(session.scalars(one_role).one()),
        values_of(client),
        values_of(session.scalars(one_secret).one()),
    )


def _make_models(tools: Tools, transaction: Transaction, tenant_id: str) -> User:
    actor = Actor(ActorKind.OPERATOR, tenant_id, new_id("req"))
    model = NewAccount(tenant_id, _MODEL, "Model", tools.hasher.hash(PASSWORD), verified=True)
    user = tools.accounts.create(transaction, model, actor=actor)
    tools.roles.set_roles(transaction, tenant_id, user.id, roles=[ROLE], actor=actor)
    asked = Registration(tenant_id, "Model", "service", scopes=SCOPES, audiences=(AUDIENCE,))
    tools.clients.register(transaction, asked, actor=actor)
    transaction.flush()
    return user


def _tenant_job(tools: Tools, place: int) -> Callable[[Transaction], str]:
    def job(transaction: Transaction) -> str:
        present = find(transaction, slug(place))
        kind, actor = TenantType.CUSTOMER, Actor(ActorKind.OPERATOR, "", new_id("req"))
        made = present or tools.tenants.create(
            transaction, slug(place), name=f"Scale {place + 1}", type=kind, actor=actor
        )
        return made.id

    return job


def _clients(model: dict[str, Any], tenants: list[str], scale: Scale) -> Iterator[dict[str, Any]]:
    """Give each tenant as many, and the first one what is left."""
    share = scale.clients // scale.tenants
    owners = [tenant for tenant in tenants[1:] for _ in range(share)]
    owners += [tenants[0]] * (scale.clients - len(owners))
    for number, tenant_id in enumerate(islice(owners, scale.clients)):
        named = _named(Client, f"{_LAST[number * 7 % len(_LAST)]} importer {number}")
        yield {**model, **named, "id": new_id("cli"), "tenant_id": tenant_id}


def _named(model: type[Base], name: str) -> dict[str, Any]:
    """Return the columns that follow the name of a row."""
    made = model(name=name)
    names = {attribute.key for attribute in model.__mapper__.column_attrs}
    return {key: value for key, value in vars(made).items() if key in names}


def _secret(model: dict[str, Any], client: dict[str, Any]) -> dict[str, Any]:
    return {
        **model,
        "id": new_id("sec"),
        "tenant_id": client["tenant_id"],
        "client_id": client["id"],
        "secret_hash": fingerprint(client_secret(client["id"]), SECRET_PURPOSE),
    }
