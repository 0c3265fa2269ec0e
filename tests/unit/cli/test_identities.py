"""`authserver identities`: what operators see and end, and what they never see."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result

from authserver.core.clock import SystemClock
from authserver.federation.connectors.base import Answer as Proved
from authserver.federation.values import Connection
from authserver.settings import from_environment
from authserver.wiring.services import build
from tests.support import linked
from tests.support.providers import OpenId, openid
from tests.support.providers.visiting import visit
from tests.support.world import TenantFixture, UserFixture

Run = Callable[..., Result]
Answer = Callable[..., dict[str, Any]]

ADA = ("--tenant", "globex", "--email", "ada@globex.example")


class Site:
    """An installation in which Ada is linked to a provider that gave tokens."""

    def __init__(self, answer: Answer, data_dir: Path, provider: OpenId) -> None:
        tenant = answer("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
        user = answer("users", "create", *ADA, "--name", "Ada")
        services = build(from_environment({}, data_dir=data_dir), SystemClock())
        self.world: Any = SimpleNamespace(services=services, clock=services.clock)
        self.provider = provider
        self.user = UserFixture(user["id"], ADA[-1], TenantFixture(tenant["id"], "globex"))
        self.connection: Connection = linked.connect(
            self.world,
            server=provider.url,
            client_id=provider.client_id,
            keeps_tokens=True,
            secret=provider.client_secret,
        )
        self.identity = linked.link(self.world, self.user, self.connection, label="ada@there")
        self.proved: Proved = visit(
            services.connectors, self.connection, provider, redirect_uri="http://localhost/cb"
        ).complete(provider.person(email="ada@there.example"))

    def keep(self) -> None:
        tokens = self.proved.tokens
        linked.keep(
            self.world,
            self.user,
            self.identity,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            expires_in=tokens.expires_in,
        )


@pytest.fixture
def provider() -> Iterator[OpenId]:
    with openid() as provider:
        yield provider


@pytest.fixture
def site(answer: Answer, data_dir: Path, provider: OpenId) -> Site:
    return Site(answer, data_dir, provider)


def test_what_is_linked_is_listed(site: Site, answer: Answer, run: Run) -> None:
    listed = answer("identities", "list", *ADA)
    (one,) = listed["identities"]
    assert (one["id"], one["provider"], one["label"]) == (site.identity, "Orchid ID", "ada@there")
    assert one["last_used_at"] is None
    assert site.identity in run("identities", "list", *ADA).stdout


def test_an_operator_unlinks_and_the_person_is_told(site: Site, answer: Answer, run: Run) -> None:
    refused = run("identities", "unlink", site.identity)
    assert refused.exit_code == 1
    assert "only way to sign in" in refused.stderr
    assert "send-reset" in refused.stderr
    answer("users", "set-password", *ADA, stdin="Correct-Horse-7\n")
    done = answer("identities", "unlink", site.identity)
    assert done == {"id": site.identity, "email": ADA[-1], "unlinked": True}
    assert answer("identities", "list", *ADA)["identities"] == []
    assert "identity_unlinked" in run("mail", "list").stdout
    again = run("identities", "unlink", site.identity)
    assert again.exit_code == 1
    assert "There is no linked sign-in" in again.stderr


def test_a_token_is_refreshed_and_not_shown(
    site: Site, answer: Answer, run: Run, data_dir: Path
) -> None:
    site.keep()
    shown = run("identities", "refresh-token", site.identity)
    assert shown.exit_code == 0, shown.stderr
    document = answer("identities", "refresh-token", site.identity)
    assert document.keys() == {"id", "expires_at", "scope"}
    assert document["expires_at"]
    kept = linked.kept(site.world, site.user, site.identity)
    assert kept
    assert kept != site.proved.tokens.access_token
    said = shown.stdout + shown.stderr + json.dumps(document)
    for secret in (kept, site.proved.tokens.access_token, site.proved.tokens.refresh_token or "x"):
        assert secret not in said
        assert secret.encode() not in (data_dir / "authserver.db").read_bytes()


def test_what_cannot_be_refreshed_is_said(site: Site, run: Run) -> None:
    none = run("identities", "refresh-token", site.identity)
    assert none.exit_code == 1
    assert "No tokens" in none.stderr
    linked.keep(site.world, site.user, site.identity)
    ended = run("identities", "refresh-token", site.identity)
    assert ended.exit_code == 1
    assert "until the person signs in there again" in ended.stderr
    for canary in (linked.ACCESS, linked.REFRESH):
        assert canary not in ended.stdout + ended.stderr
    assert linked.kept(site.world, site.user, site.identity) is None
    unknown = run("identities", "refresh-token", "fid_none")
    assert unknown.exit_code == 1
    assert "There is no linked sign-in" in unknown.stderr
