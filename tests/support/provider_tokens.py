"""Somebody with tokens of a provider, and the provider that refreshes them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update

from authserver.audit.events import Actor
from authserver.federation.connectors.base import GrantEnded
from authserver.federation.models import ProviderToken
from authserver.federation.tokens.current import AccessToken
from authserver.federation.values import Connection, Tokens
from tests.support import linked
from tests.support.world import UserFixture, World


class Provider:
    """Stands for the connector: gives new tokens for a refresh token, each good for one use."""

    def __init__(self) -> None:
        self.good = linked.REFRESH
        self.asked: list[str] = []
        self.secrets: list[str] = []
        self.before: Callable[[], object] = lambda: None
        self.says: Exception | None = None
        self.rotates = True

    def of(self, connection: Connection, secret: str) -> "Provider":
        assert connection.keeps_tokens
        self.secrets.append(secret)
        return self

    def refresh(self, refresh_token: str) -> Tokens:
        self.asked.append(refresh_token)
        self.before()
        if self.says is not None:
            raise self.says
        if refresh_token != self.good:
            raise GrantEnded("invalid_grant")
        number = len(self.asked)
        if not self.rotates:
            return Tokens(f"access-{number}", None, 3600, "calendar")
        self.good = f"refresh-{number}"
        return Tokens(f"access-{number}", self.good, 3600, "calendar")


class Owner:
    """Somebody with tokens of a provider."""

    def __init__(self, world: World, **tokens: Any) -> None:
        self.world = world
        self.tenant = world.tenant()
        self.user: UserFixture = world.user(self.tenant)
        self.connection = linked.connect(world, self.tenant, keeps_tokens=True)
        self.identity = linked.link(world, self.user, self.connection)
        self.provider = Provider()
        self.waits: list[float] = []
        linked.keep(world, self.user, self.identity, **tokens)

    def current(self, *, anew: bool = False, **more: Any) -> AccessToken:
        services = self.world.services
        tokens = replace(
            services.upstream.tokens,
            connectors=self.provider,
            **{"wait": self.waits.append, **more},
        )
        account = linked.of(self.world, self.user)
        return tokens.of(account, self.identity, by=self.by(), anew=anew)

    def by(self) -> Actor:
        return replace(self.world.operator, principal=self.tenant.id)

    def row(self) -> ProviderToken | None:
        with self.world.services.database.read() as view:
            wanted = select(ProviderToken).where(ProviderToken.identity_id == self.identity)
            return view.tenant(self.tenant.id).scalar(wanted)

    def change(self, model: type, **values: Any) -> None:
        self.world.services.database.write(
            lambda tx: tx.tenant(self.tenant.id).execute(update(model).values(**values))
        )
