"""RFC 9470: a caller is told how the person has to sign in."""

from collections.abc import Callable

import pytest
from flask import Flask, Response

from authserver.sdk.flask import ResourceServer, requires_acr, scopes
from authserver.sdk.step_up import StepUp
from authserver.sdk.verifier import TokenVerifier

Mint = Callable[..., str]
MFA, PASSWORD = "urn:authserver:acr:mfa", "urn:authserver:acr:password"


@pytest.fixture
def ask(verifier: TokenVerifier, mint: Mint) -> Callable[..., Response]:
    app = Flask(__name__, static_folder=None)
    views = {
        "acr": requires_acr(MFA),
        "fresh": requires_acr(max_age=300),
        "both": requires_acr(MFA, PASSWORD, max_age=300),
        "scoped": lambda view: requires_acr(MFA)(scopes("payments:write")(view)),
    }
    for name, demand in views.items():
        app.get(f"/{name}", endpoint=name)(demand(lambda: {"done": True}))
    ResourceServer(verifier, realm="payments").init_app(app)

    def asked(path: str, ago: int | None = 0, **claims: object) -> Response:
        claims["auth_time"] = None if ago is None else int(verifier.now()) - ago
        headers = {"Authorization": f"Bearer {mint(**claims)}"}
        return app.test_client().get(path, headers=headers)

    return asked


@pytest.mark.rfc("RFC 9470 section 3: the challenge")
def test_a_sign_in_of_another_class_is_answered_with_the_class_that_is_needed(
    ask: Callable[..., Response],
) -> None:
    assert ask("/acr", acr=MFA).json == {"done": True}
    answer = ask("/acr", acr=PASSWORD)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="payments", error="insufficient_user_authentication", error_description="The'
        f' person has to sign in again, or in another way.", acr_values="{MFA}"'
    )
    assert answer.json["error"] == "insufficient_user_authentication"


@pytest.mark.rfc("RFC 9470 section 3: max_age")
def test_a_sign_in_that_is_too_old_is_answered_with_the_age(ask: Callable[..., Response]) -> None:
    assert ask("/fresh", acr=PASSWORD, ago=310).status_code == 200, "clocks differ"
    answer = ask("/fresh", acr=MFA, ago=340)
    assert answer.status_code == 401
    assert 'max_age="300"' in answer.headers["WWW-Authenticate"]
    assert "acr_values" not in answer.headers["WWW-Authenticate"]


def test_all_that_a_sign_in_must_show_is_named_at_once(ask: Callable[..., Response]) -> None:
    challenge = ask("/both", acr=PASSWORD, ago=3600).headers["WWW-Authenticate"]
    assert f'acr_values="{MFA} {PASSWORD}", max_age="300"' in challenge


@pytest.mark.attack("ATK-081")
def test_a_fresh_sign_in_of_another_class_is_not_enough_nor_one_that_says_nothing(
    ask: Callable[..., Response],
) -> None:
    for claims in (
        {"acr": "urn:authserver:acr:federated"},
        {"acr": None},
        {"acr": MFA, "ago": None},
    ):
        assert ask("/both", **claims).status_code == 401


def test_who_may_not_do_it_anyway_is_not_sent_to_sign_in(ask: Callable[..., Response]) -> None:
    answer = ask("/scoped", acr=PASSWORD, scope="openid")
    assert answer.status_code == 403
    assert answer.json["error"] == "insufficient_scope"


def test_demands_add_up() -> None:
    both = StepUp((MFA, PASSWORD), 600) & StepUp((PASSWORD,), 300)
    assert both == StepUp((PASSWORD,), 300)
    assert StepUp() & StepUp((MFA,)) == StepUp((MFA,))
    with pytest.raises(TypeError):
        StepUp((MFA,)) & StepUp((PASSWORD,))


@pytest.mark.parametrize("given", [{}, {"max_age": -1}])
def test_a_demand_of_nothing_is_no_demand(given: dict[str, int]) -> None:
    with pytest.raises(TypeError):
        requires_acr(**given)
    with pytest.raises(TypeError):
        requires_acr("")
