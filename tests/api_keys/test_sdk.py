"""API keys at a resource server, by the SDK: what it believes, what it remembers, and how long."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask

from authserver.api_keys.form import new_key
from authserver.api_keys.news import make_news
from authserver.sdk.api_keys.verifier import ApiKeyVerifier
from authserver.sdk.errors import CannotAsk, FetchError, InvalidToken
from authserver.sdk.flask import ResourceServer, current_user, scopes, service_only
from authserver.sdk.verifier import TokenVerifier
from tests.api_keys.making import of_person, of_service
from tests.support.browser import ISSUER
from tests.support.redis import running_redis
from tests.support.waiting import wait_for
from tests.support.world import World

GOOD: dict[str, object] = {
    "active": True,
    "token_type": "api_key",
    "iss": ISSUER,
    "sub": "usr_1",
    "scope": "orders:read",
    "roles": ["customer_viewer"],
    "jti": "apk_1",
    "iat": 1,
    "tenant_id": "ten_1",
    "tenant": "acme",
    "tenant_type": "customer",
}


class Issuer:
    """Answers what it is told to, and counts."""

    def __init__(self) -> None:
        self.said: Mapping[str, object] | None = GOOD
        self.forms: list[Mapping[str, str]] = []
        self.now = 0.0

    def ask(self, url: str, form: Mapping[str, str], authorization: str) -> Mapping[str, object]:
        assert (url, authorization) == (f"{ISSUER}/oauth/introspect", "Basic YTpiJTNBYw==")
        self.forms.append(form)
        if self.said is None:
            raise FetchError("down")
        return self.said

    def verifier(self, **more: Any) -> ApiKeyVerifier:
        return ApiKeyVerifier(
            issuer=ISSUER,
            client_id="a",
            client_secret="b:c",
            ask=self.ask,
            clock=lambda: self.now,
            **more,
        )


@pytest.fixture(name="issuer")
def _issuer() -> Issuer:
    return Issuer()


def test_an_answer_is_kept_for_five_seconds_and_not_longer(issuer: Issuer) -> None:
    verifier, key = issuer.verifier(), new_key("cf_prod")
    token = verifier.verify(key, "192.0.2.1")
    assert (token.subject, token.client_id, token.is_service) == ("usr_1", "apk_1", False)
    assert token.roles == {"customer_viewer"}
    issuer.said, issuer.now = {"active": False}, 4.9
    assert verifier.verify(key, "192.0.2.1").subject == "usr_1"
    issuer.now = 5.0
    with pytest.raises(InvalidToken):
        verifier.verify(key, "192.0.2.1")
    assert len(issuer.forms) == 2


def test_an_answer_for_one_address_is_none_for_another(issuer: Issuer) -> None:
    verifier, key = issuer.verifier(), new_key("cf_prod")
    verifier.verify(key, "192.0.2.1")
    issuer.said = {"active": False}
    with pytest.raises(InvalidToken):
        verifier.verify(key, "192.0.2.2")
    assert [form["client_address"] for form in issuer.forms] == ["192.0.2.1", "192.0.2.2"]


def test_what_was_asked_before_something_ended_is_not_kept(issuer: Issuer) -> None:
    verifier, key = issuer.verifier(), new_key("cf_prod")
    ask = issuer.ask

    def slow(*args: Any) -> Mapping[str, object]:
        said = ask(*args)
        verifier.forget()  # revoked while the answer was on its way
        return said

    issuer.ask = slow  # type: ignore[method-assign]
    verifier = issuer.verifier()
    verifier.verify(key)
    verifier.verify(key)
    assert len(issuer.forms) == 2


def test_a_typo_is_told_without_asking(issuer: Issuer) -> None:
    verifier, key = issuer.verifier(), new_key("cf_prod")
    for wrong in (key[:-1] + ("a" if key[-1] != "a" else "b"), key[:-1], "x", ""):
        with pytest.raises(InvalidToken):
            verifier.verify(wrong)
    assert issuer.forms == []


@pytest.mark.parametrize(
    "said",
    [
        {"active": False},
        {},
        {"active": "true"},
        {**GOOD, "iss": "https://evil.example"},
        {**GOOD, "token_type": "Bearer"},
        {**GOOD, "sub": 1},
        {**GOOD, "tenant_id": ""},
        {**GOOD, "roles": "admin"},
        {**GOOD, "scope": ["a"]},
        {**GOOD, "exp": 1},
        {**GOOD, "exp": True},
    ],
)
def test_no_other_answer_is_believed(issuer: Issuer, said: dict[str, object]) -> None:
    issuer.said = said
    with pytest.raises(InvalidToken):
        issuer.verifier().verify(new_key("cf_prod"))


def test_while_the_issuer_is_away_nothing_is_said(issuer: Issuer) -> None:
    verifier, key = issuer.verifier(), new_key("cf_prod")
    issuer.said = None
    with pytest.raises(CannotAsk):
        verifier.verify(key)
    issuer.said = GOOD
    assert verifier.verify(key).subject == "usr_1"


@pytest.mark.parametrize("seconds", [-1, 5.1])
def test_nothing_is_kept_for_longer(issuer: Issuer, seconds: float) -> None:
    with pytest.raises(ValueError, match="0 to 5 seconds"):
        issuer.verifier(seconds=seconds)


@pytest.fixture(name="redis_url", scope="module")
def _redis_url() -> Iterator[str]:
    with running_redis() as redis:
        yield redis.url


def test_where_redis_is_a_revoked_key_is_forgotten_at_once(issuer: Issuer, redis_url: str) -> None:
    verifier, key = issuer.verifier(redis_url=redis_url), new_key("cf_prod")
    try:
        assert verifier.listener is not None
        assert verifier.listener.listening.wait(10)
        verifier.verify(key)
        issuer.said = {"active": False}
        assert verifier.verify(key).subject == "usr_1"
        make_news(redis_url).tell()

        def is_refused() -> bool:
            try:
                verifier.verify(key)
            except InvalidToken:
                return True
            return False

        wait_for(is_refused, "the news")  # the verifier's clock stands still
    finally:
        verifier.close()


def test_news_that_reach_nobody_hinder_nobody() -> None:
    make_news("redis://127.0.0.1:1").tell()
    make_news(None).tell()


@pytest.mark.any_database
def test_a_flask_api_takes_keys_of_people_and_services(world: World) -> None:
    tenant = world.tenant()
    world.client(tenant, "web")
    asks = world.client(tenant, "service", scopes=["orders:read", "orders:write"])

    def ask(_url: str, form: Mapping[str, str], authorization: str) -> Mapping[str, object]:
        answer = world.app.test_client().post(
            "/oauth/introspect",
            base_url=ISSUER,
            data=form,
            headers={"Authorization": authorization},
        )
        return answer.json

    keys = ApiKeyVerifier(
        issuer=ISSUER, client_id=asks.id, client_secret=asks.secret or "", ask=ask
    )
    app = Flask(__name__, static_folder=None)
    orders = scopes("orders:read")(lambda: {"who": current_user.subject})
    imports = service_only(lambda: {"who": current_user.client_id})
    app.add_url_rule("/orders", "orders", orders)
    app.add_url_rule("/imports", "imports", imports)
    verifier = TokenVerifier(issuer=ISSUER, audience="https://api.example")
    ResourceServer(verifier, api_keys=keys).init_app(app)

    def get(path: str, key: str) -> Any:
        return app.test_client().get(path, headers={"Authorization": f"Bearer {key}"})

    user = world.user(tenant, "customer_viewer")
    mine = of_person(world, user, "orders:read", networks=("127.0.0.1",))
    service = of_service(world, asks, "orders:write")
    assert get("/orders", mine.text).json == {"who": user.id}
    assert get("/imports", mine.text).status_code == 403
    assert get("/imports", service.text).json == {"who": asks.id}
    assert get("/orders", service.text).status_code == 403
    refused = get("/orders", new_key("cf_prod"))
    assert (refused.status_code, refused.json["error"]) == (401, "invalid_token")
