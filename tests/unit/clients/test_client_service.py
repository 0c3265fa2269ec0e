from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import TypeVar
from unittest.mock import Mock

import pytest

from authserver.audit.events import Actor
from authserver.clients.policy import UnfitRegistration
from authserver.clients.registered import RegisteredClient, load
from authserver.clients.registration import Registration
from authserver.clients.resources.offers import Offers
from authserver.clients.secrets import SECRET_PURPOSE, Plan, Secrets
from authserver.clients.service import ClientService
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint
from authserver.core.problems import NotFound, Problem
from authserver.tenants.models import TenantType
from authserver.tenants.policy import UnfitName
from authserver.tenants.snapshot import read_version

T = TypeVar("T")
HOUR = timedelta(hours=1)
WEB = {"name": "Portal", "kind": "web", "redirect_uris": ["https://portal.example/cb"]}


class World:
    """An Internal tenant, and the service under test."""

    def __init__(self, installation: SimpleNamespace) -> None:
        self.installation = installation
        self.clock = installation.clock
        self.tenant = installation.tenant("acme", TenantType.INTERNAL)
        self.keys = Mock()
        self.service = ClientService(
            installation.trail,
            installation.clock,
            keys=self.keys,
            secrets=Secrets(installation.keyring, installation.clock),
            offers=Offers(),
        )
        self.actor = Actor("operator", self.tenant.id, "req_test")

    def write(self, job: Callable[[Transaction], T]) -> T:
        return self.installation.database.write(job)

    def register(self, tenant_id: str = "", **asked: object) -> tuple[str, str | None]:
        registration = Registration(tenant_id or self.tenant.id, **asked)

        def job(transaction: Transaction) -> tuple[str, str | None]:
            client, secret = self.service.register(transaction, registration, actor=self.actor)
            return client.id, secret

        return self.write(job)

    def rotate(self, client_id: str, overlap: timedelta | None) -> str:
        return self.write(
            lambda transaction: self.service.rotate_secret(
                transaction, self.tenant.id, client_id, plan=Plan(overlap), actor=self.actor
            )[1]
        )

    def enable(self, client_id: str, *, enabled: bool) -> None:
        self.write(
            lambda transaction: self.service.set_enabled(
                transaction, self.tenant.id, client_id, enabled=enabled, actor=self.actor
            )
        )

    def seen(self, client_id: str) -> RegisteredClient:
        """Return the client as requests see it."""
        found = load(self.installation.database, client_id)
        assert found is not None
        return found

    def works(self, client_id: str, secret: str | None) -> bool:
        hashed = fingerprint(secret or "", SECRET_PURPOSE)
        return self.seen(client_id).has_secret(hashed, self.clock.now())


@pytest.fixture
def world(installation: SimpleNamespace) -> World:
    return World(installation)


def test_a_registered_client_has_the_defaults_of_its_kind(world: World) -> None:
    client_id, secret = world.register(**WEB, scopes=["openid"], rate="60/minute")
    client = world.seen(client_id)
    assert client.auth_method == "client_secret_basic"
    assert client.grant_types == {"authorization_code", "refresh_token"}
    assert client.pkce_required
    assert not client.first_party
    assert client.serves_tenant(world.tenant.id)
    assert world.works(client_id, secret)


def test_a_secret_is_recognisable_and_stored_nowhere(world: World) -> None:
    _, secret = world.register(**WEB)
    assert secret is not None
    assert secret.startswith("cs_")
    assert len(secret) == len("cs_") + 43
    url = world.installation.database.engine.url.database
    with open(url, "rb") as file, open(f"{url}-wal", "rb") as log:  # noqa: PTH123  two at once
        assert secret.encode() not in file.read() + log.read()


def test_the_trail_tells_what_was_registered_and_not_the_secret(world: World) -> None:
    client_id, secret = world.register(**WEB)
    [event] = world.installation.events("client.created")
    assert client_id in event
    assert "https://portal.example/cb" in event
    assert str(secret) not in event


def test_a_public_client_has_no_secret(world: World) -> None:
    client_id, secret = world.register(**{**WEB, "kind": "spa"})
    assert secret is None
    assert world.seen(client_id).is_public
    with pytest.raises(UnfitRegistration):
        world.rotate(client_id, HOUR)


@pytest.mark.parametrize(
    "asked",
    [
        {**WEB, "redirect_uris": []},
        {**WEB, "redirect_uris": ["http://localhost/cb"]},
        {**WEB, "redirect_uris": ["https://portal.example/*"]},
        {**WEB, "kind": "service"},
        {**WEB, "auth_method": "none"},
        {**WEB, "auth_method": "private_key_jwt"},
        {**WEB, "jwks": {"keys": []}},
        {**WEB, "at_tenant_issuer": True},
        {**WEB, "access_token_alg": "HS256"},
        {**WEB, "serves": ["nobody"]},
        {**WEB, "name": "P\u043ertal"},
        {"name": "Job", "kind": "service", "scopes": ["openid"]},
        {"name": "Job", "kind": "service", "auth_method": "none"},
    ],
)
def test_a_refused_registration_leaves_nothing_behind(
    world: World, asked: dict[str, object]
) -> None:
    with pytest.raises(Problem) as refused:
        world.register(**asked)
    assert isinstance(refused.value, UnfitRegistration | UnfitName | NotFound)
    with world.installation.database.read() as view:
        assert world.service.all_of(view, world.tenant.id) == []


def test_a_client_of_a_customer_serves_its_own_people_or_those_listed(world: World) -> None:
    globex = world.installation.tenant("globex")
    with pytest.raises(UnfitRegistration, match="internal"):
        world.register(globex.id, **WEB, serves=["*"])
    client_id, _ = world.register(globex.id, **WEB, serves=["globex", "acme"])
    assert world.seen(client_id).tenants_served == (globex.id, world.tenant.id)


@pytest.mark.parametrize(
    ("asked", "algorithms"),
    [
        (WEB, ["ES256", "RS256"]),
        ({**WEB, "access_token_alg": "EdDSA", "id_token_alg": "ES384"}, ["ES384", "EdDSA"]),
        ({**WEB, "access_token_alg": "PS256", "id_token_alg": "PS256"}, ["PS256"]),
        ({"name": "Feed", "kind": "service", "id_token_alg": "PS256"}, ["ES256"]),
    ],
)
@pytest.mark.parametrize("own_issuer", [False, True])
def test_keys_are_asked_for_where_the_client_gets_its_tokens(
    world: World, asked: dict[str, object], algorithms: list[str], *, own_issuer: bool
) -> None:
    tenant = world.installation.tenant("globex", own_issuer=True)
    world.register(tenant.id, **asked, at_tenant_issuer=own_issuer)
    (call,) = world.keys.ensure.call_args_list
    assert call.args[1] == (tenant.id if own_issuer else None)
    assert call.kwargs == {"algorithms": algorithms}


@pytest.mark.parametrize(
    "wrong", [{"access_token_alg": "HS256"}, {"id_token_alg": "none"}, {"serves": ["nobody"]}]
)
def test_a_refused_registration_makes_no_key(world: World, wrong: dict[str, object]) -> None:
    with pytest.raises(Problem):
        world.register(**{**WEB, **wrong})
    world.keys.ensure.assert_not_called()


def test_http_on_loopback_is_for_development_only(world: World) -> None:
    asked = {**WEB, "redirect_uris": ["http://localhost:8001/callback"]}
    world.service = ClientService(
        world.installation.trail,
        world.installation.clock,
        keys=world.keys,
        secrets=Secrets(world.installation.keyring, world.clock),
        offers=Offers(allow_http_loopback=True),
    )
    client_id, _ = world.register(**asked)
    assert world.seen(client_id).redirect_uris == ("http://localhost:8001/callback",)


@pytest.mark.attack("ATK-114")
def test_a_client_is_not_found_from_another_tenant(world: World) -> None:
    client_id, _ = world.register(**WEB)
    globex = world.installation.tenant("globex")
    with world.installation.database.read() as view:
        with pytest.raises(NotFound):
            world.service.get(view, globex.id, client_id)
        assert world.service.all_of(view, globex.id) == []
    world.tenant = globex
    with pytest.raises(NotFound):
        world.rotate(client_id, None)
    with pytest.raises(NotFound):
        world.enable(client_id, enabled=False)


def test_two_secrets_work_during_the_overlap_and_one_after_it(world: World) -> None:
    client_id, first = world.register(**WEB)
    second = world.rotate(client_id, HOUR)
    assert world.works(client_id, first)
    assert world.works(client_id, second)
    world.clock.advance(hours=1)
    assert not world.works(client_id, first)
    assert world.works(client_id, second)


def test_rotation_with_an_overlap_ends_no_tokens(world: World) -> None:
    client_id, _ = world.register(**WEB)
    world.rotate(client_id, HOUR)
    assert world.seen(client_id).security_epoch == 1


def test_there_are_never_more_than_two_live_secrets(world: World) -> None:
    client_id, first = world.register(**WEB)
    second = world.rotate(client_id, HOUR)
    world.clock.advance(minutes=1)
    third = world.rotate(client_id, HOUR)
    works = [world.works(client_id, secret) for secret in (first, second, third)]
    assert works == [False, True, True]


def test_rotation_at_once_ends_older_secrets_and_what_they_obtained(world: World) -> None:
    client_id, first = world.register(**WEB)
    second = world.rotate(client_id, HOUR)
    third = world.rotate(client_id, None)
    works = [world.works(client_id, secret) for secret in (first, second, third)]
    assert works == [False, False, True]
    assert world.seen(client_id).security_epoch == 2
    assert len(world.installation.events("client.secret_rotated")) == 2


def test_a_disabled_client_is_unusable_and_its_tokens_end(world: World) -> None:
    client_id, _ = world.register(**WEB)
    for _ in range(2):
        world.enable(client_id, enabled=False)
    assert not world.seen(client_id).usable
    assert world.seen(client_id).security_epoch == 2
    world.enable(client_id, enabled=True)
    assert world.seen(client_id).usable
    assert world.seen(client_id).security_epoch == 2
    assert len(world.installation.events("client.disabled")) == 1
    assert len(world.installation.events("client.enabled")) == 1


def test_every_change_raises_the_version_and_tells_the_caches(world: World) -> None:
    client_id, _ = world.register(**WEB)
    for change in (
        lambda: world.rotate(client_id, HOUR),
        lambda: world.enable(client_id, enabled=False),
        lambda: world.enable(client_id, enabled=True),
    ):
        before = (world.seen(client_id).version, read_version(world.installation.database))
        change()
        after = (world.seen(client_id).version, read_version(world.installation.database))
        assert after == (before[0] + 1, before[1] + 1)
