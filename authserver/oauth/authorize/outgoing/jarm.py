"""Signed answers: JWT Secured Authorization Response Mode (JARM). Values in, values out."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from authserver.core.clock import epoch

# How each mode travels. `jwt` is the default of the response type, which for a code is the query.
MODES: Mapping[str, str] = {"jwt": "query", "query.jwt": "query", "form_post.jwt": "form_post"}
TYPE = "JWT"
LIFE = timedelta(minutes=10)


def carrier(response_mode: str | None, alg: str | None) -> tuple[str, str | None]:
    """Return how an answer travels, and the algorithm that it is signed with, if it is.

    `alg` is what the client registered for. Whatever is no mode of the client travels unsigned in
    the query: that it is none is then what the answer says.
    """
    if alg is not None and response_mode is not None and response_mode in MODES:
        return MODES[response_mode], alg
    return ("form_post" if response_mode == "form_post" else "query"), None


def response_claims(
    said: Mapping[str, str], *, issuer: str, client_id: str, now: datetime
) -> dict[str, object]:
    """Return the claims of a response JWT (JARM section 2.1)."""
    return {**said, "iss": issuer, "aud": client_id, "exp": epoch(now + LIFE)}
