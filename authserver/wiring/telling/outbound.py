"""What this server may ask for, and post to, of what others name: part of the wiring."""

from authserver.core.net.addresses import parse_networks
from authserver.core.net.fetch import FetchRules
from authserver.settings import Settings


def outbound_rules(settings: Settings) -> FetchRules:
    """Return what may be asked for of what clients and providers publish (TOP-14)."""
    return FetchRules(
        ports=frozenset(settings.outbound_ports),
        networks=parse_networks(settings.outbound_networks),
        ca_file=settings.outbound_ca_file,
        allow_loopback_http=settings.is_loopback,
    )
