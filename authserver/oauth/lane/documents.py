"""What public documents share: everybody may read them, and nobody need read them twice."""

from authserver.core.web import Answer
from authserver.oauth.lane.request import MachineRequest

PUBLIC = (
    ("Access-Control-Allow-Origin", "*"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)


def not_modified(request: MachineRequest, answer: Answer) -> Answer:
    """Return 304 when the caller has this very document (RFC 9110 section 13.1.2)."""
    wanted = request.header("IF_NONE_MATCH")
    if wanted and wanted in {value for name, value in answer.headers if name == "ETag"}:
        return Answer(304, b"", answer.headers)
    return answer
