"""Request objects (RFC 9101), good and bad, signed by the test's own keys."""

from typing import Any

from authserver.clients.options import Options
from tests.spec.assertions import KeyPair
from tests.spec.tools import Stage, encode, stage
from tests.support.browser import ISSUER, authorization
from tests.support.world import World

KEY = KeyPair("ES256")


def signing_stage(world: World, *keys: KeyPair, **more: Any) -> Stage:
    """A stage whose client has keys, and whatever options."""
    jwks = {"keys": [key.public for key in keys or (KEY,)]}
    options = Options(**more.pop("options", {}))
    return stage(world, jwks=jwks, options=options, **more)


def claims_of(on: Stage, **more: Any) -> dict[str, Any]:
    """An ordinary request as an object says it; None takes a member out."""
    now = int(on.world.clock.now().timestamp())
    around = {"iss": on.client.id, "aud": ISSUER + on.prefix, "exp": now + 60, "nbf": now}
    said = {**authorization(on.client), **around, **more}
    return {name: value for name, value in said.items() if value is not None}


def signed(on: Stage, key: KeyPair = KEY, *, typ: str = "oauth-authz-req+jwt", **more: Any) -> str:
    header = {"alg": key.alg, "kid": key.public["kid"], "typ": typ}
    return key.sign(header, claims_of(on, **more))


def unsigned(on: Stage, **more: Any) -> str:
    return f"{encode({'alg': 'none'})}.{encode(claims_of(on, **more))}."


def asking(on: Stage, **more: Any) -> dict[str, Any]:
    """A query with an object in it and nothing else that counts."""
    alone = dict.fromkeys(authorization(on.client)) | {"client_id": on.client.id}
    return {**alone, **more}
