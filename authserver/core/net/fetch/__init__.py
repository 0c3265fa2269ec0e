"""Outbound documents: the one way this server asks a URL that somebody else chose (TOP-14).

Owns what may be asked for (`rules`), how it is read (`transport`) and how often (`limits`).
Must not know what a document means. No URLs of its own.
"""

from authserver.core.net.fetch.limits import Fetcher, FetchLimits
from authserver.core.net.fetch.rules import (
    FetchBusy,
    FetchedDocument,
    FetchFailed,
    FetchRefused,
    FetchRequest,
    FetchRules,
    ForTestsOnly,
)
from authserver.core.net.fetch.transport import safe_fetch

__all__ = [
    "FetchBusy",
    "FetchFailed",
    "FetchLimits",
    "FetchRefused",
    "FetchRequest",
    "FetchRules",
    "FetchedDocument",
    "Fetcher",
    "ForTestsOnly",
    "safe_fetch",
]
