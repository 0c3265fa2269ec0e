"""Google, GitHub, Entra and a plain OpenID provider, as their documents describe them, for tests.

Real HTTP servers in threads of the test's own process, at `http://localhost:<port>`. They sign
people in without a page, any number at once:

    with google() as provider, stand_in(services.connectors, google=provider):
        ada = provider.person(email="ada@gmail.com")
        url = connector.authorization_url(start)
        back = provider.sign_in(url, ada)   # the URL at which the browser comes back
        query(back)["code"]                 # what the provider said there

A browser that opens the authorization URL itself is sent back at once: as the person whose e-mail
or user name is the `login_hint`, else as `provider.present`, the last person made unless a test
says otherwise. `ada.denies = True` answers `access_denied`.

A connection to one of them has its `client_id` and `client_secret`. GitHub, Entra and the plain
provider can be reached by `connection.server = provider.url` as well (where the server's own issuer
is http on this machine); `stand_in` puts them in place of the public ones in any process.

What goes wrong is set on the provider, for all requests from then on:

    provider.trouble["token"] = Trouble.HANG  # discovery, jwks, token, userinfo, user, emails,
                                              # membership; see `Trouble`
    provider.claims = {"aud": "somebody else", "nonce": None}  # into ID tokens; None leaves out
    provider.headers = {"typ": "at+jwt"}      # over the ID tokens' own
    provider.signing = Signing.NONE  # see `Signing`
    provider.callback = {"iss": "https://evil.example"}  # into the redirect; None leaves out
    provider.rotate_keys()  # the old key is gone
    provider.asked          # every request: endpoint, form or query, headers

Time is the machine's, or that of the `clock` given.
"""

from tests.support.providers.azure_ad import AzureAd, azure_ad
from tests.support.providers.github import GitHub, github
from tests.support.providers.google import Google, google
from tests.support.providers.openid import OpenId, Signing, openid
from tests.support.providers.people import Person
from tests.support.providers.server import Asked, Provider, Trouble, query
from tests.support.providers.standing_in import make_connectors, stand_in

__all__ = [
    "Asked",
    "AzureAd",
    "GitHub",
    "Google",
    "OpenId",
    "Person",
    "Provider",
    "Signing",
    "Trouble",
    "azure_ad",
    "github",
    "google",
    "make_connectors",
    "openid",
    "query",
    "stand_in",
]
