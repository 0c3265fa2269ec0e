"""The authorization endpoint (RFC 6749 section 3.1, OpenID Connect Core section 3.1.2).

Owns the request's checks, the decision what comes next, and the answer to the client. Must not
know how a person signs in: pages do their step and come back. URL: GET and POST /oauth/authorize.
"""
