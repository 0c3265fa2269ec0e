"""What a registration names and somebody else's server has to say."""

from authserver.clients.policy import UnfitRegistration
from authserver.clients.registration import Registration
from authserver.core import log
from authserver.core.net.fetch import Fetcher, FetchFailed, FetchRefused

_log = log.get(__name__)


class Lookups:
    """Reads the documents that a registration has to agree with."""

    def __init__(self, fetcher: Fetcher) -> None:
        """Take what reads documents, no more than a few a minute for each tenant."""
        self._fetcher = fetcher

    def check(self, asked: Registration) -> None:
        """Refuse a sector whose document does not list every redirect URI.

        OpenID Connect Registration section 5. The values themselves were checked before. Raises
        UnfitRegistration.
        """
        url = asked.options.sector_identifier_uri
        if url is None:
            return
        try:
            listed = self._fetcher.fetch(url, key=asked.tenant_id).json()
        except (FetchRefused, FetchFailed) as error:
            # What the network said is for the log: it would tell what is behind a name.
            _log.info("sector_not_read", tenant_id=asked.tenant_id, reason=error.reason)
            raise UnfitRegistration(
                "The document at 'sector_identifier_uri' cannot be read.", detail=error.reason
            ) from error
        if not isinstance(listed, list) or not set(asked.redirect_uris) <= _texts(listed):
            raise UnfitRegistration(
                "The document at 'sector_identifier_uri' does not list every redirect URI."
            )


def _texts(values: list[object]) -> set[str]:
    return {value for value in values if isinstance(value, str)}
