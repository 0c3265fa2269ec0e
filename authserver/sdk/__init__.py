"""What a resource server needs to check this server's access tokens, and nothing else.

Owns: the verification of RFC 9068 access tokens against an issuer's published keys
(`verifier.py`, no framework), and the guard that refuses every Flask route nobody declared
(`flask.py`).

Must not know: the server. Nothing here imports another package of `authserver`, no database
library is needed, and the verifier needs no web framework.

URLs it calls: `<issuer>/.well-known/openid-configuration` and the `jwks_uri` named there; for API
keys (`api_keys`), `<issuer>/oauth/introspect`.

The modules, from the outside in: `flask` guards routes with the rules of `access`; `verifier`
reads a token with `compact`, finds the key through `keys` (cache) and `jwks` (which keys are fit
for use), fetched by `fetch`, and turns claims into an `AccessToken` with `claims`.
"""
