"""Clients that register themselves: a tenant that lets them, and documents that are 'out there'."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from authserver.clients.registering.policy import NewInitialToken
from authserver.core.net.fetch import FetchedDocument, FetchFailed, FetchRequest
from authserver.core.net.fetch.rules import READ
from authserver.tenants.policy import ClientRegistration, TenantPolicy
from tests.support.browser import ISSUER
from tests.support.world import REDIRECT, ClientFixture, TenantFixture, World

BASIC = {"client_name": "Portal", "redirect_uris": [REDIRECT]}


def _somebody() -> str:
    """Return an address that asks for nobody else: there is a limit for each."""
    return ".".join(["198", "18", *(str(byte) for byte in os.urandom(2))])


@dataclass
class Registrar:
    """A tenant with an initial access token, and requests about registrations at its issuer."""

    world: World
    tenant: TenantFixture
    token: str
    token_id: str
    prefix: str = ""
    address: str = field(default_factory=_somebody)

    def register(self, token: str | None = None, **members: Any) -> TestResponse:
        return self.send("POST", "/oauth/register", token or self.token, BASIC | members)

    def registered(self, **members: Any) -> dict[str, Any]:
        answer = self.register(**members)
        assert answer.status_code == 201, answer.text
        return answer.json

    def own(self, method: str, client: dict[str, Any], body: Any = None) -> TestResponse:
        path = client["registration_client_uri"].removeprefix(ISSUER + self.prefix)
        return self.send(method, path, client["registration_access_token"], body)

    def send(self, method: str, path: str, token: str | None, body: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        return self.world.app.test_client().open(
            self.prefix + path,
            method=method,
            base_url=ISSUER,
            data=data,
            headers=headers,
            content_type="application/json" if data is not None else None,
            environ_base={"REMOTE_ADDR": self.address},
        )

    def client(self, document: dict[str, Any]) -> ClientFixture:
        uris = document.get("redirect_uris") or [REDIRECT]
        return ClientFixture(
            document["client_id"], document.get("client_secret"), self.tenant, uris[0]
        )


def policy(world: World, tenant: TenantFixture, **wanted: Any) -> None:
    """Let a tenant decide about its clients."""
    world.services.database.write(
        lambda tx: world.services.tenants.set_policy(
            tx, tenant.slug, TenantPolicy(**wanted), actor=world.operator
        )
    )
    world.services.watch.changed()


def initial_token(world: World, tenant: TenantFixture, **more: Any) -> tuple[str, str]:
    """Make an initial access token; return its id and itself."""
    usual = {"name": "Certification", "clients": 100, "life": timedelta(days=1)}
    every = {"kinds": ("web", "spa", "native", "service")}
    new = NewInitialToken(tenant.id, **{**usual, **every, **more})
    actor = replace(world.operator, principal=tenant.id)

    def job(tx: Any) -> tuple[str, str]:
        row, token = world.services.self_service.tokens.create(tx, new, actor=actor)
        return row.id, token

    made: tuple[str, str] = world.services.database.write(job)
    return made


def registrar(
    world: World,
    openness: ClientRegistration = ClientRegistration.PKCE_OPTIONAL,
    *,
    own_issuer: bool = False,
    **token: Any,
) -> Registrar:
    tenant = world.tenant(own_issuer=own_issuer)
    policy(world, tenant, client_registration=openness)
    token_id, bearer = initial_token(world, tenant, **token)
    return Registrar(
        world, tenant, bearer, token_id, prefix=f"/t/{tenant.slug}" if own_issuer else ""
    )


@dataclass
class OutThere:
    """What other people's servers publish. A URL that is not here does not answer."""

    documents: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, url: str, document: object) -> str:
        self.documents[url] = document if isinstance(document, bytes) else orjson.dumps(document)
        return url

    def fetch(self, url: str, _request: FetchRequest) -> FetchedDocument:
        self.asked.append(url)
        if url not in self.documents:
            raise FetchFailed("nobody answers")
        return FetchedDocument(200, self.documents[url])


@contextmanager
def published(world: World) -> Iterator[OutThere]:
    """Stand in for the internet, behind the limits that a Fetcher keeps."""
    out = OutThere()

    def safe_fetch(url: str, *, request: FetchRequest = READ, on_end: Any, **_: Any) -> Any:
        try:
            return out.fetch(url, request)
        finally:
            on_end()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("authserver.core.net.fetch.limits.safe_fetch", safe_fetch)
        for fetcher in (world.services.client_keys._fetcher, world.services.logos._fetcher):  # noqa: SLF001
            patch.setattr(fetcher, "_failures", type(fetcher._failures)())  # noqa: SLF001
        yield out


def somewhere(path: str = "/doc") -> str:
    """A URL that no other test has asked."""
    return f"https://h{os.urandom(5).hex()}.example{path}"
