"""Structured logs: one JSON object a line, with the correlation id of the request.

Values come from outsiders: JSON encoding keeps them on their line. Secrets and personal data are
never passed here; the access line holds no query string, because codes travel in it.
"""

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

_threshold = [logging.INFO]


def configure(level: str, *, pretty: bool = False) -> None:
    """Set up logging for the process. `level` is a name of the logging module."""
    _threshold[0] = logging.getLevelName(level)
    renderer: Any = structlog.dev.ConsoleRenderer() if pretty else _render
    factory: Any = structlog.PrintLoggerFactory(sys.stderr) if pretty else _bytes_to_stderr()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_threshold[0]),
        logger_factory=factory,
        cache_logger_on_first_use=True,
    )
    # Authlib prints tokens at DEBUG.
    logging.getLogger("authlib").setLevel(max(logging.INFO, _threshold[0]))


def access(fields: dict[str, Any]) -> None:
    """Write a request's line; the same form as every other, without the processors' cost."""
    if _threshold[0] <= logging.INFO:
        line = orjson.dumps({**fields, "level": "info", "timestamp": datetime.now(UTC)})
        sys.stderr.buffer.write(line + b"\n")
        sys.stderr.buffer.flush()


def get(name: str) -> Any:  # noqa: ANN401  structlog's proxy
    """Return a logger; call it with an event name and fields."""
    return structlog.get_logger(component=name)


def _bytes_to_stderr() -> structlog.BytesLoggerFactory:
    return structlog.BytesLoggerFactory(sys.stderr.buffer)


def _render(_logger: object, _method: str, event: dict[str, Any]) -> bytes:
    return orjson.dumps(event, default=str)
