"""Logout tokens, as an application reads them (OpenID Connect Back-Channel Logout section 2.6)."""

import time
from collections.abc import Mapping
from typing import Any, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_OLDEST = 180  # seconds: two minutes and a little for clocks


def ended_session(token: str, keys: Mapping[str, Any], *, issuer: str, client_id: str) -> str:
    """Return the `sid` that a token says is over. Raises ValueError for whatever is not one."""
    try:
        known = KeySet.import_key_set(cast("Any", keys))
        found = jwt.decode(token, known, algorithms=["ES256", "RS256"])
    except (JoseError, ValueError) as error:
        raise ValueError("the token is not signed as it should be") from error
    header, claims = found.header, found.claims
    good = (
        header.get("typ") == "logout+jwt"
        and claims.get("iss") == issuer
        and claims.get("aud") == client_id
        and "nonce" not in claims
        and claims.get("events") == {_EVENT: {}}
        and abs(time.time() - float(claims.get("iat", 0))) < _OLDEST
    )
    sid = claims.get("sid")
    if not good or not isinstance(sid, str):
        raise ValueError("this is no logout token for us")
    return sid
