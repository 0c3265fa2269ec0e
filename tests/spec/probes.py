"""What shows of each member of the metadata that it is true: a probe for each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from authserver.clients.options import Options
from tests.spec.assertions import ASSERTION_TYPE, KeyPair, assertion
from tests.spec.objects import asking, signed
from tests.spec.test_response_forms import EC, RSA, opened, public
from tests.spec.tools import Stage, get, part, post
from tests.support.browser import ISSUER, answered
from tests.support.details import DETAILS, say
from tests.support.holder import Holder
from tests.support.world import ClientFixture, TenantFixture, UserFixture, World

KEYS = public(EC, RSA)


@dataclass
class At:
    """One issuer, and somebody who signs in there."""

    world: World
    tenant: TenantFixture
    person: UserFixture
    prefix: str

    def client(self, kind: str = "web", **more: Any) -> ClientFixture:
        given = {"at_tenant_issuer": bool(self.prefix), **more}
        return self.world.client(self.tenant, kind, **given)

    def stage(self, options: dict[str, Any] | None = None, **more: Any) -> Stage:
        client = self.client(options=Options(**options or {}), first_party=True, **more)
        return Stage(self.world, self.tenant, self.person, client, self.prefix)

    def path(self, url: str) -> str:
        assert url.startswith(f"{ISSUER}{self.prefix}/"), url
        return url.removeprefix(ISSUER)


Probe = Callable[[At, Any], None]


def endpoint(at: At, url: str) -> None:
    for answer in (get(at.world, at.path(url)), post(at.world, at.path(url), {})):
        assert answer.status_code != 404 and answer.status_code < 500  # noqa: PT018  either says which


def issuer(at: At, name: str) -> None:
    on = at.stage()
    tokens = on.tokens()
    assert part(tokens["id_token"], 1)["iss"] == part(tokens["access_token"], 1)["iss"] == name


def jwks_uri(at: At, url: str) -> None:
    assert get(at.world, at.path(url)).json["keys"]


def scopes(at: At, names: list[str]) -> None:
    granted = at.stage(scopes=names).tokens(scope=" ".join(names))
    assert granted["scope"].split() == names


def response_types(at: At, types: list[str]) -> None:
    on = at.stage()
    for one in types:
        said = answered(on.browser().complete(on.client, at.person, response_type=one))
        assert one in said
    refused = answered(on.browser().authorize(on.client, response_type="code id_token"))
    assert refused["error"] == "unsupported_response_type"


def response_modes(at: At, modes: list[str]) -> None:
    on = at.stage({"authorization_signed_response_alg": "RS256"})
    for mode in modes:
        said = answered(on.browser().complete(on.client, at.person, response_mode=mode))
        assert ("response" in said) == mode.endswith("jwt")
        assert "error" not in said
    assert "fragment" not in modes


def grant_types(at: At, grants: list[str]) -> None:
    on = at.stage()
    for grant in (*grants, "password"):
        said = on.party.token(grant_type=grant).json["error"]
        assert (said == "unsupported_grant_type") == (grant == "password"), grant


def subject_types(at: At, types: list[str]) -> None:
    for one in types:
        subject = part(at.stage({"subject_type": one}).tokens()["id_token"], 1)["sub"]
        assert (subject == at.person.id) == (one == "public")


def id_token_algorithms(at: At, algorithms: list[str]) -> None:
    assert "RS256" in algorithms
    for alg in algorithms:
        assert part(at.stage(id_token_alg=alg).tokens()["id_token"], 0)["alg"] == alg


def encryption(at: At, values: list[str], *, of: str, member: str) -> None:
    for one in values:
        chosen = {f"{of}_encrypted_response_alg": "RSA-OAEP-256"}
        chosen[f"{of}_encrypted_response_{member}"] = one
        on = at.stage(chosen, jwks=KEYS)
        tokens = on.tokens()
        userinfo = on.party.userinfo(tokens["access_token"]).text if of == "userinfo" else ""
        header, _ = opened(userinfo or tokens["id_token"], EC, RSA)
        assert header[member] == one


def userinfo_algorithms(at: At, algorithms: list[str]) -> None:
    for alg in algorithms:
        on = at.stage({"userinfo_signed_response_alg": alg})
        answer = on.party.userinfo(on.tokens()["access_token"])
        assert part(answer.text, 0)["alg"] == alg


def auth_methods(at: At, methods: list[str], *, path: str) -> None:
    secret = at.client("service", auth_method="client_secret_post")
    basic, spa = at.client("service"), at.client("spa")
    key = KeyPair()
    keyed = at.client("service", auth_method="private_key_jwt", jwks={"keys": [key.public]})
    proof = {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(at.world, key, keyed.id, aud=ISSUER + at.prefix),
    }
    form, send = {"token": "x"}, partial(post, at.world, f"{at.prefix}/oauth/{path}")
    answers = {
        "client_secret_basic": send(form, auth=(basic.id, basic.secret)),
        "client_secret_post": send(
            {**form, "client_id": secret.id, "client_secret": secret.secret}
        ),
        "private_key_jwt": send({**form, **proof}),
        "none": send({**form, "client_id": spa.id}),
    }
    assert {name for name, said in answers.items() if said.status_code != 401} == set(methods)


def auth_algorithms(at: At, algorithms: list[str], *, path: str) -> None:
    for alg in algorithms:
        key = KeyPair(alg)
        client = at.client("service", auth_method="private_key_jwt", jwks={"keys": [key.public]})
        proof = assertion(at.world, key, client.id, aud=ISSUER + at.prefix)
        form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": proof, "token": "x"}
        assert post(at.world, f"{at.prefix}/oauth/{path}", form).status_code != 401, alg


def introspection_algorithms(at: At, algorithms: list[str]) -> None:
    for alg in algorithms:
        on = at.stage({"introspection_signed_response_alg": alg})
        headers = {"Accept": "application/token-introspection+jwt"}
        answer = post(
            at.world, f"{at.prefix}/oauth/introspect", {"token": "x"},
            auth=(on.client.id, on.client.secret), headers=headers,
        )  # fmt: skip
        assert part(answer.text, 0)["alg"] == alg


def challenge_methods(at: At, methods: list[str]) -> None:
    assert methods == ["S256"]
    on = at.stage()
    refused = answered(on.browser().authorize(on.client, code_challenge_method="plain"))
    assert refused["error"] == "invalid_request"


def prompts(at: At, names: list[str]) -> None:
    on = at.stage()
    for name in (*names, "whatever"):
        answer = on.browser().authorize(on.client, prompt=name)
        refused = not answer.headers["Location"].startswith(("/", ISSUER)) and (
            answered(answer)["error"] == "invalid_request"
        )
        assert refused == (name == "whatever"), name


def acr_values(at: At, names: list[str]) -> None:
    assert part(at.stage().tokens()["id_token"], 1)["acr"] in names


def claims(at: At, names: list[str]) -> None:
    say(at.world, at.person, **DETAILS)
    scope = "openid profile email address phone"
    on = at.stage(scopes=scope.split())
    tokens = on.tokens(scope=scope)
    seen = set(part(tokens["id_token"], 1)) | set(on.party.userinfo(tokens["access_token"]).json)
    assert set(names) - {"locale", "picture", "zoneinfo"} <= seen


def claims_parameter(at: At, offered: object) -> None:
    wanted = '{"id_token": {"email": null}}'
    said = part(at.stage().tokens(claims=wanted)["id_token"], 1)
    assert ("email" in said) is offered


def request_objects(at: At, algorithms: list[str]) -> None:
    assert "none" not in algorithms
    for alg in algorithms:
        key = KeyPair(alg)
        on = at.stage({"request_object_signing_alg": alg}, jwks={"keys": [key.public]})
        token = signed(on, key)
        said = on.browser().complete(on.client, at.person, **asking(on, request=token))
        assert "code" in answered(said), alg


def answer_algorithms(at: At, algorithms: list[str]) -> None:
    for alg in algorithms:
        on = at.stage({"authorization_signed_response_alg": alg})
        said = answered(on.browser().complete(on.client, at.person, response_mode="jwt"))
        assert part(said["response"], 0)["alg"] == alg


def languages(at: At, names: list[str]) -> None:
    on = at.stage()
    for name in names:
        browser = on.browser()
        page = browser.follow(browser.authorize(on.client, ui_locales=name))
        assert f'<html lang="{name}"' in page.text


def displays(at: At, names: list[str]) -> None:
    on = at.stage()
    for name in names:
        assert "code" in answered(on.browser().complete(on.client, at.person, display=name))


def proof_algorithms(at: At, algorithms: list[str]) -> None:
    service = at.client("service")
    for alg in algorithms:
        # RFC 9864 names the curve: the same signature.
        holder = Holder(at.world, "EdDSA" if alg == "Ed25519" else alg)
        path = f"{at.prefix}/oauth/token"
        said = post(
            at.world, path, {"grant_type": "client_credentials"},
            auth=(service.id, service.secret),
            headers={"DPoP": holder.proof(path, header={"alg": alg})},
        )  # fmt: skip
        assert said.json["token_type"] == "DPoP", alg


def response_issuer(at: At, offered: object) -> None:
    on = at.stage()
    assert answered(on.browser().authorize(on.client, prompt="none"))["iss"] == ISSUER + at.prefix
    assert offered is True


def is_(value: object, _: At, said: object) -> None:
    assert said == value


def _of_endpoints() -> dict[str, Probe]:
    paths = {"token": "token", "revocation": "revoke", "introspection": "introspect"}
    found: dict[str, Probe] = {}
    for name, path in paths.items():
        before = f"{name}_endpoint_auth"
        found[f"{before}_methods_supported"] = partial(auth_methods, path=path)
        found[f"{before}_signing_alg_values_supported"] = partial(auth_algorithms, path=path)
    for of in ("id_token", "userinfo"):
        for member in ("alg", "enc"):
            name = f"{of}_encryption_{member}_values_supported"
            found[name] = partial(encryption, of=of, member=member)
    return found


PROBES: dict[str, Probe] = {
    "issuer": issuer,
    "jwks_uri": jwks_uri,
    "scopes_supported": scopes,
    "response_types_supported": response_types,
    "response_modes_supported": response_modes,
    "grant_types_supported": grant_types,
    "subject_types_supported": subject_types,
    "id_token_signing_alg_values_supported": id_token_algorithms,
    "userinfo_signing_alg_values_supported": userinfo_algorithms,
    "introspection_signing_alg_values_supported": introspection_algorithms,
    "code_challenge_methods_supported": challenge_methods,
    "prompt_values_supported": prompts,
    "acr_values_supported": acr_values,
    "claims_supported": claims,
    "claim_types_supported": partial(is_, ["normal"]),
    "claims_parameter_supported": claims_parameter,
    "request_object_signing_alg_values_supported": request_objects,
    "request_parameter_supported": partial(is_, True),  # by the probe above
    "request_uri_parameter_supported": partial(is_, True),  # tests/spec/test_request_uris.py
    "require_request_uri_registration": partial(is_, True),  # the same
    "require_pushed_authorization_requests": partial(is_, False),  # by every other probe
    "authorization_signing_alg_values_supported": answer_algorithms,
    "authorization_response_iss_parameter_supported": response_issuer,
    "dpop_signing_alg_values_supported": proof_algorithms,
    "ui_locales_supported": languages,
    "display_values_supported": displays,
    # tests/conformance/test_channels.py
    "backchannel_logout_supported": partial(is_, True),
    "backchannel_logout_session_supported": partial(is_, True),
    "frontchannel_logout_supported": partial(is_, True),
    "frontchannel_logout_session_supported": partial(is_, True),
    **_of_endpoints(),
}
