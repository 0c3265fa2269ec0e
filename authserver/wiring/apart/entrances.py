"""Where administration begins, for the pages that lead there: it is an application of its own."""

from flask import Flask

BELOW = ("api", "console", "partner")
"""The first parts of its paths."""
ENTRANCES = {
    "console.home": "/console",
    "console.back": "/console/back",
    "partner.partner": "/partner",
    "partner.partner_client": "/partner/client",
    "partner.partner_secret": "/partner/secret",
    "partner.partner_network": "/partner/addresses",
}


def lead_there(app: Flask) -> None:
    """Let pages and sign-ins name the entrances; another application answers them."""
    for endpoint, path in ENTRANCES.items():
        app.add_url_rule(path, endpoint, build_only=True)
