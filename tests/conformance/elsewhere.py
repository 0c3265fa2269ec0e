"""Documents that stand at a relying party's address, for the server to read."""

from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from authserver.core.net.fetch import FetchedDocument, Fetcher, FetchFailed, FetchRequest


@dataclass
class Elsewhere:
    """What is at which address, and which were asked for."""

    documents: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, url: str, document: object) -> str:
        """Let a document be at an address; return the address."""
        self.documents[url] = document if isinstance(document, bytes) else orjson.dumps(document)
        return url

    def stand_in(self, patch: pytest.MonkeyPatch) -> None:
        """Answer instead of the network, which tests do not have."""

        def fetch(_: Fetcher, url: str, *, key: str, request: FetchRequest | None = None) -> Any:
            del key, request
            self.asked.append(url)
            if url not in self.documents:
                raise FetchFailed("nothing is there", 404)
            return FetchedDocument(200, self.documents[url])

        patch.setattr(Fetcher, "fetch", fetch)
