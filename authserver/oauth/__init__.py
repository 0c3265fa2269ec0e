"""The protocol: OAuth 2 and OpenID Connect endpoints.

Owns parsing, checks and answers of each endpoint, and what is remembered between two requests of
a sign-in. Must not know how pages look or how a token is made. Start reading in routes.py.
URLs: /oauth/* and /.well-known/{openid-configuration,oauth-authorization-server}.
"""
