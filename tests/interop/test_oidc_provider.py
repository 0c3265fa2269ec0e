"""oidc-provider from npm as the upstream of the generic connector, with nothing of ours between."""

from collections.abc import Iterator
from typing import Any

import pytest

from authserver.federation.connectors.base import Answer, UpstreamDown, UpstreamRefused
from authserver.federation.connectors.making import Connectors
from authserver.federation.values import Connection, Kind
from tests.support.oidc_provider import SECRET, OidcProvider, Registered, oidc_provider, walk
from tests.support.providers import make_connectors, query
from tests.support.providers.visiting import CALLBACK, Visit

pytestmark = [pytest.mark.processes, pytest.mark.node]

CLIENTS = (
    Registered("basic", [CALLBACK]),
    Registered("post", [CALLBACK], "client_secret_post"),
    Registered("public", [CALLBACK], "none", None),
)


@pytest.fixture(scope="module")
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OidcProvider]:
    with oidc_provider(request.config, tmp_path_factory.mktemp("op"), *CLIENTS) as there:
        yield there


@pytest.fixture
def upstream(running: OidcProvider) -> Iterator[OidcProvider]:
    yield running
    running.be_honest()


@pytest.fixture
def connectors() -> Connectors:
    return make_connectors()


def connection(upstream: OidcProvider, client_id: str = "basic", **more: Any) -> Connection:
    return Connection(
        id="con_1", tenant_id="ten_1", kind=Kind.OIDC, name="op", label="OP",
        client_id=client_id, server=upstream.issuer, **more,
    )  # fmt: skip


class There(Visit):
    """A visit that goes there over HTTP, as the browser does."""

    def back(self, _: object = None) -> dict[str, str]:
        return query(walk(self.url(), until=self.redirect_uri))


def there(connectors: Connectors, to: Connection, secret: str = SECRET, **more: Any) -> There:
    return There(connectors.of(to, secret), None, **more)  # type: ignore[arg-type]


def complete(connectors: Connectors, to: Connection, secret: str = SECRET, **more: Any) -> Answer:
    return there(connectors, to, secret, **more).complete()


def test_somebody_signs_in_there(connectors: Connectors, upstream: OidcProvider) -> None:
    answer = complete(connectors, connection(upstream), hint="grace@corp.example")
    who = answer.identity
    assert who.email is not None
    assert (who.issuer, who.subject) == (upstream.issuer, "grace@corp.example")
    assert (who.email.canonical, who.email_verified) == ("grace@corp.example", True)
    assert (who.name, who.locale, who.zoneinfo) == ("Name of grace", "de", "Europe/Vienna")
    assert answer.tokens.refresh_token is None


@pytest.mark.parametrize(("client_id", "secret"), [("post", SECRET), ("public", "")])
def test_it_knows_us_in_every_way(
    upstream: OidcProvider, connectors: Connectors, client_id: str, secret: str
) -> None:
    answer = complete(connectors, connection(upstream, client_id), secret)
    assert answer.identity.subject == "ada@corp.example"


def test_it_does_not_know_us_by_another_secret(
    upstream: OidcProvider, connectors: Connectors
) -> None:
    for secret in ("wrong", ""):
        with pytest.raises(UpstreamRefused, match="invalid_client"):
            complete(connectors, connection(upstream), secret)


def test_tokens_are_refreshed(connectors: Connectors, upstream: OidcProvider) -> None:
    here = there(connectors, connection(upstream, keeps_tokens=True))
    tokens = here.complete().tokens
    assert tokens.refresh_token is not None
    newer = here.connector.refresh(tokens.refresh_token)
    assert newer.access_token != tokens.access_token
    with pytest.raises(UpstreamRefused, match="invalid_grant"):
        here.connector.refresh("made up")


def test_somebody_proves_it_anew(connectors: Connectors, upstream: OidcProvider) -> None:
    assert complete(connectors, connection(upstream), anew=True).identity.subject


def test_its_keys_rotate_in_the_middle(connectors: Connectors, upstream: OidcProvider) -> None:
    to = connection(upstream)
    complete(connectors, to)
    here = there(connectors, to)
    said = here.back()
    upstream.rotate_keys()
    assert here.finish(said).identity.subject == "ada@corp.example"


@pytest.mark.rfc("RFC 9207 section 2.4")
def test_it_says_its_name_and_has_to(connectors: Connectors, upstream: OidcProvider) -> None:
    here = there(connectors, connection(upstream))
    said = here.back()
    assert said.pop("iss") == upstream.issuer
    with pytest.raises(UpstreamRefused, match="does not say whose"):
        here.finish(said)
    with pytest.raises(UpstreamRefused, match="another provider"):
        here.finish({**said, "iss": "https://evil.example"})


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"aud": "others", "azp": "basic"}, "somebody else"),
        ({"aud": ["basic", "others"]}, "made for somebody else"),
        ({"exp": 1_700_000_000, "iat": 1_700_000_000 - 60}, "over"),
        ({"exp": None}, "when it ends"),
        ({"nonce": "of another sign-in"}, "another sign-in"),
        ({"nonce": None}, "another sign-in"),
        ({"at_hash": "AAAA"}, "another access token"),
        ({"sub": "victim@corp.example"}, "somebody else"),
    ],
)
@pytest.mark.attack("ATK-014")
def test_its_id_token_is_not_believed_if_it_is_not_for_us(
    connectors: Connectors, upstream: OidcProvider, claims: dict[str, Any], reason: str
) -> None:
    upstream.tamper(claims)
    with pytest.raises(UpstreamRefused, match=reason):
        complete(connectors, connection(upstream))


@pytest.mark.parametrize("alg", ["none", "HS256", "stranger"])
def test_its_signature_has_to_be_its_own(
    connectors: Connectors, upstream: OidcProvider, alg: str
) -> None:
    upstream.tamper(alg=alg)
    with pytest.raises(UpstreamRefused):
        complete(connectors, connection(upstream))


def test_a_code_of_another_sign_in_is_refused(
    connectors: Connectors, upstream: OidcProvider
) -> None:
    to = connection(upstream)
    stolen = there(connectors, to, hint="victim@corp.example").back()
    with pytest.raises(UpstreamRefused, match="invalid_grant"):
        there(connectors, to).finish(stolen)


def test_an_issuer_that_is_spelled_otherwise_is_another_one(
    connectors: Connectors, upstream: OidcProvider
) -> None:
    to = connection(upstream)
    wrong = Connection(**{**vars(to), "server": to.server + "/"})
    with pytest.raises(UpstreamDown, match="issuer is another one"):
        there(connectors, wrong).url()
