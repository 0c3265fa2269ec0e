"""Sessions that end: asked for by a client, and told to clients.

Owns the request of a client (RP-Initiated Logout), what clients are told by their servers
(Back-Channel Logout) and by the browser (Front-Channel Logout). Must not know why a session ended:
what is live no more is over, whoever did it. URL: /oauth/logout.
"""

from collections.abc import Mapping

# OpenID Connect Back-Channel Logout section 2.1, Front-Channel Logout section 3. Session
# Management's `check_session_iframe` needs other sites' cookies, which browsers block: not offered.
METADATA: Mapping[str, bool] = {
    "backchannel_logout_supported": True,
    "backchannel_logout_session_supported": True,
    "frontchannel_logout_supported": True,
    "frontchannel_logout_session_supported": True,
}
