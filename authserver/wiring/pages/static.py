"""Static files, compressed for browsers that take them so.

Only these: they hold no secret, so that their length tells nothing (BREACH).
"""

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, request
from werkzeug.security import safe_join
from werkzeug.wrappers import Response

_TEXTS = {".css", ".js", ".svg"}
_WORTH_IT = 1024
_ALL_OF_THEM = 64


def compress_static_files(app: Flask) -> None:
    """Let the static files be answered here."""

    def static(filename: str) -> Response:
        response: Response = app.send_static_file(filename)
        response.vary.add("Accept-Encoding")
        path = safe_join(str(app.static_folder), filename)
        if not _is_for_it(response, path) or path is None:
            return response
        packed = _packed(path, Path(path).stat().st_mtime_ns)
        response.close()  # the file is not read again
        response.direct_passthrough = False
        response.set_data(packed)
        response.headers["Content-Encoding"] = "gzip"
        # The same file in another form: equal enough for a browser that asks whether it changed.
        response.set_etag(response.get_etag()[0] or "", weak=True)
        return response

    app.view_functions["static"] = static


def _is_for_it(response: Response, path: str | None) -> bool:
    return (
        path is not None
        and response.status_code == 200  # noqa: PLR2004  the whole file
        and request.method == "GET"
        and Path(path).suffix in _TEXTS
        and (response.content_length or 0) > _WORTH_IT
        and request.accept_encodings.quality("gzip") > 0
    )


@lru_cache(_ALL_OF_THEM)
def _packed(path: str, _changed: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), mtime=0)
