"""What public documents share: everybody may read them, and nobody need read them twice."""

import hashlib
from datetime import timedelta

import orjson

from authserver.core.web import Answer
from authserver.oauth.lane.request import MachineRequest

_PUBLIC = (
    ("Access-Control-Allow-Origin", "*"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)


def public(document: object, media_type: str, max_age: timedelta) -> Answer:
    """Return a document that every page and every cache may have."""
    body = orjson.dumps(document)
    headers = (
        ("Content-Type", media_type),
        ("ETag", f'"{hashlib.sha256(body).hexdigest()[:32]}"'),
        ("Cache-Control", f"public, max-age={int(max_age.total_seconds())}"),
    )
    return Answer(200, body, (*headers, *_PUBLIC))


def not_modified(request: MachineRequest, answer: Answer) -> Answer:
    """Return 304 when the caller has this very document (RFC 9110 section 13.1.2)."""
    wanted = request.header("IF_NONE_MATCH")
    if wanted and wanted in {value for name, value in answer.headers if name == "ETag"}:
        return Answer(304, b"", answer.headers)
    return answer
